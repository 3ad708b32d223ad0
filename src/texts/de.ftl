# Deutsch.

reset-requested = Wir werden Ihre Anfrage zur Änderung des Passworts in Kürze beantworten. Weitere Informationen erhalten Sie per E-Mail.
password-replaced = Das Passwort wurde geändert.
link-withdrawn = Der Link gilt nicht mehr. Ihr Passwort wurde nicht geändert.

problem-malformed-request = Die Anfrage ist nicht lesbar: Erwartet wird ein JSON-Objekt mit den dokumentierten Feldern.
problem-validation-failed = Einige Felder sind nicht richtig ausgefüllt.
problem-invalid-credentials = Benutzername oder Passwort ist falsch.
problem-invalid-token = Sie sind nicht angemeldet, oder Ihre Anmeldung ist abgelaufen. Bitte melden Sie sich erneut an.
problem-forbidden = Dieser Aufruf ist hier nicht erlaubt.
problem-insufficient-scope = Dem Token fehlt die nötige Berechtigung. Fordern Sie eines mit der Berechtigung an, die die Dokumentation nennt.
problem-password-expired-expired = Ihr Passwort ist abgelaufen. Bitte legen Sie ein neues fest.
problem-password-expired-administrative = Sie müssen Ihr Passwort ändern. Den Link dazu erhalten Sie per E-Mail.
problem-password-expired-breached = Dieses Passwort ist durch ein Datenleck bei einem anderen Dienst bekannt geworden; Sie müssen es ändern. Den Link dazu erhalten Sie per E-Mail.
problem-challenge-required = Zurzeit prüfen wir, ob Anfragen von einem Programm kommen. Bitte laden Sie die Seite neu und versuchen Sie es noch einmal.
problem-rate-limited = Zu viele Versuche. Bitte warten Sie eine Weile und versuchen Sie es dann noch einmal.
problem-account-closed = Ihr Zugang ist gesperrt. Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
problem-not-found = Unter dieser Adresse gibt es nichts.
problem-method-not-allowed = Diese Adresse unterstützt diese Methode nicht.
problem-not-acceptable = Die Antwort gibt es nur als application/json.
problem-conflict = Das gibt es schon, oder dieselbe Anfrage wird noch bearbeitet.
problem-payload-too-large = Die Anfrage ist zu groß.
problem-unsupported-media-type = Der Inhalt der Anfrage muss application/json sein.
problem-reset-link-unusable-expired = Der Link ist abgelaufen. Bitte fordern Sie einen neuen an.
problem-reset-link-unusable-used = Der Link wurde schon benutzt. Bitte fordern Sie einen neuen an, falls das Passwort weiterhin nicht funktioniert.
problem-reset-link-unusable-withdrawn = Der Link wurde ungültig gemacht. Bitte fordern Sie einen neuen an.
problem-reset-link-unusable-unknown = Der Link ist ungültig. Bitte prüfen Sie, ob Sie den vollständigen Link geöffnet haben, oder fordern Sie einen neuen an.
problem-unavailable = Der Dienst ist zurzeit nicht verfügbar. Bitte versuchen Sie es in einigen Augenblicken noch einmal.
problem-internal-error = Es ist ein Fehler aufgetreten. Bitte versuchen Sie es später noch einmal.

field-required = Dieses Feld muss ausgefüllt sein.
field-invalid_format = Der Benutzername ist Ihre sechsstellige Kundennummer.
field-invalid_email = Das ist keine gültige E-Mail-Adresse.
field-customer_number_mismatch = Der Link gehört nicht zu dieser Kundennummer.
field-passwords_differ = Die Passwörter stimmen nicht überein.
field-incorrect_password = Das aktuelle Passwort ist nicht richtig.
field-password_length = Ein Passwort hat 1 bis 128 Zeichen.

rule-too_short = Länge des Passworts: mindestens { $min_length } Zeichen.
rule-too_long = Länge des Passworts: höchstens { $max_length } Zeichen.
rule-invalid_format = Das Passwort darf keine unsichtbaren Zeichen (Steuerzeichen) enthalten.
rule-missing_uppercase = Mindestens ein Großbuchstabe (ab { $below_length } Zeichen nicht nötig).
rule-missing_lowercase = Mindestens ein Kleinbuchstabe (ab { $below_length } Zeichen nicht nötig).
rule-missing_digit = Mindestens eine Ziffer (ab { $below_length } Zeichen nicht nötig).
rule-common_password = Das Passwort darf nicht zu den häufigsten gehören.
rule-contains_customer_number = Das Passwort darf nicht überwiegend aus der Kundennummer bestehen.
rule-contains_email = Das Passwort darf nicht überwiegend aus Ihrer E-Mail-Adresse bestehen.
rule-contains_brand = Das Passwort darf nicht überwiegend aus dem Namen der Firma oder des Dienstes bestehen.
rule-published_example = Das Beispiel aus der Anleitung ist nicht erlaubt.
rule-breached_password = Das Passwort darf nicht aus Datenlecks bei anderen Diensten bekannt sein.
rule-same_as_current = Das neue Passwort muss sich vom bisherigen unterscheiden.
rule-used_recently =
    { $history ->
        [1] Das Passwort darf nicht mit dem vor dem bisherigen übereinstimmen.
       *[other] Das Passwort darf mit keinem der letzten { $history } vor dem bisherigen übereinstimmen.
    }

lifetime-hours =
    { $hours ->
        [one] { $hours } Stunde
       *[other] { $hours } Stunden
    }
lifetime-minutes =
    { $minutes ->
        [one] { $minutes } Minute
       *[other] { $minutes } Minuten
    }
lifetime-seconds =
    { $seconds ->
        [one] { $seconds } Sekunde
       *[other] { $seconds } Sekunden
    }

date =
    { $month ->
        [1] { $day }. Januar { $year }
        [2] { $day }. Februar { $year }
        [3] { $day }. März { $year }
        [4] { $day }. April { $year }
        [5] { $day }. Mai { $year }
        [6] { $day }. Juni { $year }
        [7] { $day }. Juli { $year }
        [8] { $day }. August { $year }
        [9] { $day }. September { $year }
        [10] { $day }. Oktober { $year }
        [11] { $day }. November { $year }
       *[other] { $day }. Dezember { $year }
    }

moment = { $date } um { $hour }:{ $minute } Uhr

mail-greeting = Guten Tag,
mail-support = Hilfe: { $support_email }, { $support_phone }
mail-message-id = Kennung dieser Nachricht: { $message_id }
mail-reset-subject = { $brand }: Passwort ändern
mail-reset-intro = wir haben eine Anfrage erhalten, das Passwort für die Kundennummer mit den Endziffern { $last_two } zu ändern. Mit diesem Link legen Sie ein neues Passwort fest:
mail-reset-button = Passwort ändern
mail-reset-lifetime = Der Link gilt { $lifetime } und kann nur einmal benutzt werden.
mail-reset-not-me = Sie haben das nicht angefordert? Ihr Passwort bleibt unverändert. Sie können den Link ungültig machen:
mail-reset-not-me-without-link = Sie haben das nicht angefordert? Ihr Passwort bleibt unverändert, und Sie können diese Nachricht ignorieren.
mail-reset-not-me-button = Das war ich nicht
mail-changed-subject = { $brand }: Das Passwort wurde geändert
mail-changed-intro = das Passwort für die Kundennummer mit den Endziffern { $last_two } wurde geändert. Alle anderen Geräte wurden abgemeldet; melden Sie sich dort mit dem neuen Passwort an.
mail-changed-not-me = Das waren nicht Sie? Sagen Sie uns Bescheid und legen Sie sofort ein neues Passwort fest.
mail-changed-not-me-button = Neues Passwort festlegen
mail-device-subject = { $brand }: Anmeldung von einem neuen Gerät
mail-device-intro = unter der Kundennummer mit den Endziffern { $last_two } hat sich jemand von einem Gerät aus angemeldet, das wir bisher nicht kannten ({ $device }).
mail-device-unknown = unbekanntes Gerät
mail-device-not-me = Waren das weder Sie noch Ihre Kollegen? Legen Sie sofort ein neues Passwort fest: Damit melden Sie alle Geräte ab.
mail-devices-subject = { $brand }: weitere Anmeldungen von neuen Geräten
mail-devices-intro = unter der Kundennummer mit den Endziffern { $last_two } gab es weitere Anmeldungen von Geräten, die wir bisher nicht kannten. Damit Ihr Postfach nicht voll wird, melden wir einige Zeit lang, höchstens einen Tag, nicht mehr jede einzelne.
mail-devices-sessions = Auf der Seite „Mein Zugang“ sehen Sie alle angemeldeten Geräte und können diejenigen abmelden, die Sie nicht kennen:
mail-devices-sessions-button = Angemeldete Geräte anzeigen
mail-expiry-subject = { $brand }: Ihr Passwort läuft bald ab
mail-expiry-intro = das Passwort für die Kundennummer mit den Endziffern { $last_two } gilt bis { $date }. Ändern Sie es vorher, damit der Ablauf Sie nicht bei der Arbeit unterbricht.
mail-expired-subject = { $brand }: Ihr Passwort ist abgelaufen
mail-expired-intro = das Passwort für die Kundennummer mit den Endziffern { $last_two } galt bis { $date }. Bei der nächsten Anmeldung müssen Sie ein neues festlegen; Sie können es schon jetzt tun.
mail-expiry-button = Passwort ändern
mail-closed-subject = { $brand }: Der Zugang ist gesperrt
mail-closed-intro = der Zugang für die Kundennummer mit den Endziffern { $last_two } ist gesperrt. Alle Geräte wurden abgemeldet, und Links zum Ändern des Passworts gelten nicht mehr; ein neues Passwort hebt die Sperre nicht auf.
mail-closed-contact = Haben Sie Fragen, oder halten Sie das für ein Versehen? Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
mail-reopened-subject = { $brand }: Der Zugang ist wieder freigegeben
mail-reopened-intro = der Zugang für die Kundennummer mit den Endziffern { $last_two } ist wieder freigegeben. Das Passwort ist dasselbe wie vorher; wenn Sie es nicht mehr wissen oder es abgelaufen ist, wählen Sie auf der Anmeldeseite „Passwort vergessen“.
mail-reopened-contact = Haben Sie Fragen? Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
mail-address-subject = { $brand }: Die E-Mail-Adresse wurde geändert
mail-address-intro = die E-Mail-Adresse, an die wir Nachrichten zu Anmeldung und Passwort für die Kundennummer mit den Endziffern { $last_two } senden, wurde geändert. An die bisherige Adresse senden wir sie nicht mehr, und früher gesendete Links zum Ändern des Passworts gelten nicht mehr.
mail-address-not-me = Sie haben das nicht veranlasst? Schreiben Sie sofort an { $support_email } oder rufen Sie { $support_phone } an.

page-change-title = Passwort ändern
page-request-title = Passwort vergessen
page-withdraw-title = Das war ich nicht
page-user-name = Benutzername
page-new-password = Neues Passwort
page-new-password-again = Passwort wiederholen
page-submit = Absenden
page-request-submit = Passwort zurücksetzen
page-request-hint = Geben Sie die sechsstellige Kundennummer ein. Den Link zum Ändern des Passworts erhalten Sie per E-Mail.
page-withdraw-explanation = Wenn Sie keine Änderung des Passworts angefordert haben, können Sie den Link aus der E-Mail ungültig machen: Geben Sie dazu Ihren Benutzernamen ein. Ihr Passwort bleibt unverändert.
page-withdraw-submit = Link ungültig machen
page-not-me-title = Das war ich nicht
page-not-me-what = Jemand hat das Passwort geändert oder sich von einem Gerät aus angemeldet, das wir bisher nicht kannten, und das waren weder Sie noch Ihre Kollegen.
page-not-me-remedy = Mit einem neuen Passwort melden Sie alle Geräte ab: Geben Sie die sechsstellige Kundennummer ein, und Sie erhalten den Link zum Ändern des Passworts per E-Mail.
page-not-me-support = Sagen Sie auch uns Bescheid: Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
page-no-token = Öffnen Sie den Link aus der E-Mail.
page-network-error = Der Server kann gerade nicht antworten. Bitte versuchen Sie es in einigen Augenblicken noch einmal.
page-no-script = Schalten Sie für diese Seite JavaScript ein oder schreiben Sie an { $support_email }.
page-sign-in-title = Anmeldung
page-sign-in-submit = Anmelden
page-password = Passwort
page-current-password = Aktuelles Passwort
page-show-password = Passwort anzeigen
page-strength = Passwortstärke:
page-strength-words = schwach|mittel|gut|sehr gut
page-rule-met = erfüllt
page-other-rules = Weitere Regeln
page-done-sign-in = Zur Anmeldung
page-back-to-sign-in = Zurück zur Anmeldung
page-resend-in = Eine neue E-Mail können Sie in { $time } anfordern.
page-session-over = Sie wurden abgemeldet. Bitte melden Sie sich erneut an.
page-no-storage = Ihr Browser erlaubt dieser Seite nicht, etwas zu speichern, deshalb ist keine Anmeldung möglich. Erlauben Sie Cookies und Websitedaten für diese Seite und melden Sie sich dann erneut an.
page-account-title = Mein Zugang
page-email = E-Mail-Adresse
page-no-email = keine hinterlegt
page-last-sign-in = Letzte Anmeldung
page-password-changed = Passwort geändert
page-password-expires = Passwort gültig bis
page-advice-password_age = Sie haben das Passwort lange nicht geändert. Wir empfehlen, es zu ändern.
page-advice-many_devices = Mit diesem Passwort melden sich viele Geräte an. Wir empfehlen, es zu ändern.
page-advice-many_failures = In letzter Zeit gab es viele fehlgeschlagene Anmeldungen. Wir empfehlen, das Passwort zu ändern.
page-sessions = Angemeldete Geräte
page-session-current = dieses Gerät
page-session-times = angemeldet: { $created }; zuletzt benutzt: { $used }
page-session-end = Abmelden
page-session-ended = Das Gerät wurde abgemeldet.
page-session-end-others = Alle anderen Geräte abmelden
page-sessions-ended = Alle anderen Geräte wurden abgemeldet.
page-sign-out = Abmelden
page-retry = Erneut versuchen
page-language = Sprache
page-starting = Die Seite wird geladen. Wenn nichts erscheint, laden Sie sie bitte neu.

# Auskünfte für den Support: Der erste Satz ist für den Kunden, „-next“ der nächste Schritt für den Support.
finding-no_such_customer = Unter dieser Kundennummer gibt es keinen Benutzer; prüfen Sie, ob Sie die richtigen sechs Ziffern eingegeben haben.
finding-no_such_customer-next = Prüfen Sie die Kundennummer auf einer Rechnung oder Auftragsbestätigung; wenn sie stimmt, braucht der Kunde zuerst einen Zugang.
finding-account_closed = Der Zugang für diese Kundennummer ist gesperrt, deshalb senden wir keinen Link zum Ändern des Passworts.
finding-account_closed-next = Der Zugang ist gesperrt (seit { $at }), und ein neues Passwort hebt die Sperre nicht auf: Nennen Sie dem Kunden keinen Grund, und lassen Sie die Verwaltung über eine Freigabe entscheiden.
finding-no_email_on_file = Für diese Kundennummer haben wir keine E-Mail-Adresse, deshalb können wir Ihnen keinen Link zum Ändern des Passworts senden.
finding-no_email_on_file-next = Vergewissern Sie sich, mit wem Sie sprechen, lassen Sie die E-Mail-Adresse eintragen, und bitten Sie den Kunden, dann noch einmal „Passwort vergessen“ zu wählen.
finding-email_differs = Sie haben eine andere E-Mail-Adresse genannt als die, die wir für diese Kundennummer haben und an die wir Nachrichten senden.
finding-email_differs-next = Eingetragen ist { $masked_email }: Der Kunde soll in diesem Postfach nachsehen, oder Sie vergewissern sich, mit wem Sie sprechen, und lassen die neue Adresse eintragen.
finding-no_request_received = Für diese Kundennummer liegt keine offene Anfrage zum Ändern des Passworts vor; wählen Sie „Passwort vergessen“.
finding-no_request_received-next = Der Kunde soll auf der Anmeldeseite „Passwort vergessen“ wählen, seine Kundennummer eingeben, „Passwort zurücksetzen“ drücken und fünf Minuten warten.
finding-request_swallowed = Es gab in kurzer Zeit mehrere Anfragen, deshalb haben wir auf die letzte keine neue Nachricht gesendet; benutzen Sie den Link aus der vorigen oder fragen Sie noch einmal an (ab { $until }).
finding-request_swallowed-next = Kurz nach einer Anfrage oder bei drei noch gültigen Links senden wir keine neue Nachricht: Der Kunde soll die frühere suchen oder es noch einmal versuchen (ab { $until }).
finding-mail_limit_reached = In kurzer Zeit wurden zu viele Nachrichten angefordert, deshalb haben wir auf die letzte Anfrage keine gesendet; bitte wählen Sie in einer Stunde noch einmal „Passwort vergessen“.
finding-mail_limit_reached-next = Die Höchstzahl der Nachrichten für diese Kundennummer, für dieses Postfach oder für alle Kunden ist erreicht: Der Kunde soll es in einer Stunde noch einmal versuchen, möglichst über einen anderen Internetanschluss; trifft es mehrere Kunden, verständigen Sie die Systemverwaltung.
finding-mail_waiting = Die Nachricht mit dem Link liegt bereit und wird in Kürze gesendet.
finding-mail_waiting-next = Sehen Sie in einigen Minuten noch einmal nach; wenn die Nachricht dann noch wartet, verständigen Sie die Systemverwaltung.
finding-mail_provider_down = Der Versand von E-Mails ist zurzeit gestört; die Nachricht wird automatisch gesendet, sobald die Störung behoben ist.
finding-mail_provider_down-next = Der Versand wird wiederholt, längstens bis { $until } (bisherige Versuche: { $count }, letzte Antwort: { $detail }); verständigen Sie die Systemverwaltung, der Kunde braucht nichts neu anzufordern.
finding-mail_refused = Wir konnten die Nachricht an Ihre E-Mail-Adresse nicht absenden.
finding-mail_refused-next = Unser Mailanbieter hat die Nachricht abgelehnt ({ $detail }): Prüfen Sie, ob die E-Mail-Adresse richtig eingetragen ist, und verständigen Sie die Systemverwaltung.
finding-address_suppressed = An Ihre E-Mail-Adresse können wir zurzeit nicht senden, weil frühere Nachrichten abgewiesen wurden.
finding-address_suppressed-next = Die Adresse steht bei unserem Mailanbieter auf der Sperrliste ({ $detail }): Prüfen Sie, ob das Postfach des Kunden funktioniert, dann soll die Systemverwaltung die Adresse von der Liste nehmen (stakis-identity account lift-suppression), oder lassen Sie eine andere eintragen; vorher kommt auch ein neuer Link nicht an.
finding-mail_bounced = Ihr Mailserver hat unsere Nachricht am { $at }, abgewiesen.
finding-mail_bounced-next = Antwort des Servers: { $detail }; prüfen Sie mit dem Kunden E-Mail-Adresse und Postfach, danach soll er noch einmal „Passwort vergessen“ wählen.
finding-mail_bounced-next-without-asking = Antwort des Servers: { $detail }; prüfen Sie mit dem Kunden E-Mail-Adresse und Postfach.
finding-mail_deferred = Ihr Mailserver hat die Annahme unserer Nachricht aufgeschoben; die Zustellung wird automatisch wiederholt, die Nachricht kann deshalb später eintreffen.
finding-mail_deferred-next = Antwort des Servers: { $detail }; warten Sie etwa eine halbe Stunde, und wenn der Link bei der Ankunft nicht mehr gilt, soll der Kunde einen neuen anfordern.
finding-mail_delivered = Ihr Mailserver hat die Nachricht am { $at }, angenommen; sehen Sie auch im Spam-Ordner und in anderen Ordnern nach.
finding-mail_delivered-next = Der Kunde soll in allen Ordnern und bei Kollegen mit demselben Postfach suchen, seine Mailverwaltung in der Quarantäne des Servers.
finding-mail_handed_over_unconfirmed = Wir haben die Nachricht am { $at }, zur Zustellung übergeben und noch keine Bestätigung erhalten; sehen Sie auch im Spam-Ordner nach.
finding-mail_handed_over_unconfirmed-next = Sehen Sie in einigen Minuten noch einmal nach; wenn dann weder Bestätigung noch Nachricht da sind, soll der Kunde noch einmal „Passwort vergessen“ wählen.
finding-mail_complained = Eine unserer Nachrichten wurde in Ihrem Postfach als Spam markiert, deshalb kommen weitere vielleicht nicht an.
finding-mail_complained-next = Der Kunde soll unsere Adresse zu seinen sicheren Absendern hinzufügen, und die Systemverwaltung soll prüfen, ob seine Adresse auf der Sperrliste steht.
finding-mail_abandoned = Wir konnten die Nachricht nicht rechtzeitig absenden; wählen Sie bitte noch einmal „Passwort vergessen“.
finding-mail_abandoned-next = Der Versand wurde am { $at }, aufgegeben: Fragen Sie die Systemverwaltung, ob er wieder funktioniert, dann soll der Kunde eine neue Anfrage senden.
finding-mail_dropped = Wir haben die Nachricht nicht gesendet, weil der Link darin inzwischen nicht mehr galt.
finding-mail_dropped-next = Vor dem Versand wurde der Link ungültig, der Zugang gesperrt oder die E-Mail-Adresse geändert (siehe Verlauf); sobald das Hindernis beseitigt ist, soll der Kunde noch einmal „Passwort vergessen“ wählen.
finding-link_opened_by_scanner = Ein Sicherheitsprogramm hat den Link am { $at }, automatisch geöffnet; verbraucht ist er dadurch nicht, Sie können ihn noch benutzen.
finding-link_opened_by_scanner-next = Die Nachricht hat also das Mailsystem des Kunden erreicht: Er soll in allen Ordnern und in der Quarantäne suchen.
finding-link_opened = Der Link aus der Nachricht wurde am { $at }, geöffnet, das Passwort damit aber noch nicht geändert.
finding-link_opened-next = Fragen Sie, wer in der Werkstatt die Seite geöffnet hat und welches Feld rot ist: Einzugeben sind die Kundennummer und zweimal dasselbe neue Passwort, dann „Absenden“.
finding-link_used = Das Passwort wurde am { $at }, mit dem Link aus der Nachricht geändert; melden Sie sich mit dem neuen Passwort an.
finding-link_used-next = Fragen Sie, ob ein Kollege das Passwort geändert hat; wenn es niemand von ihnen war, soll der Kunde sofort noch einmal „Passwort vergessen“ wählen und sein Postfach absichern.
finding-link_expired = Der Link galt bis { $at }; wählen Sie bitte noch einmal „Passwort vergessen“.
finding-link_expired-next = Der Kunde soll einen neuen Link anfordern und gleich nach der Ankunft benutzen; wenn Nachrichten verspätet eintreffen, prüfen Sie auch die Zustellung.
finding-link_withdrawn = Der Link gilt nicht mehr, weil er am { $at }, ungültig gemacht wurde; wählen Sie bitte noch einmal „Passwort vergessen“.
finding-link_withdrawn-next = Ungültig wird er durch „Das war ich nicht“ in der Nachricht, mehrere falsche Eingaben, ein neues Passwort, eine Sperre oder eine neue E-Mail-Adresse; wenn der Kunde davon nichts weiß, fragen Sie, wer sein Postfach noch liest.
finding-password_already_changed = Das Passwort für diese Kundennummer wurde schon am { $at }, geändert; frühere Links gelten deshalb nicht mehr.
finding-password_already_changed-next = Fragen Sie, ob ein Kollege das Passwort geändert und noch nicht weitergegeben hat; wenn es niemand war, soll der Kunde sofort noch einmal „Passwort vergessen“ wählen.
finding-sign_in_throttled = Wegen mehrerer falscher Versuche ist die Anmeldung bis { $until }, verlangsamt; wenn Sie „Passwort vergessen“ wählen, können Sie sich mit dem neuen Passwort auch früher anmelden.
finding-sign_in_throttled-next = Falsche Versuche: { $count }; wenn sie nicht vom Kunden sind, rät jemand das Passwort, und der Kunde soll über „Passwort vergessen“ ein neues, starkes festlegen.
finding-email_changed_cooling_off = Die E-Mail-Adresse für diese Kundennummer wurde am { $at }, geändert; zur Sicherheit senden wir bis { $until }, keine Links zum Ändern des Passworts.
finding-email_changed_cooling_off-next = Der Kunde soll es noch einmal versuchen (ab { $until }); vergewissern Sie sich inzwischen, dass er die neue Adresse wirklich veranlasst hat.

smtp-mailbox_unknown = dieses Postfach gibt es nicht
smtp-mailbox_full = das Postfach ist voll
smtp-domain_unknown = die Domain der E-Mail-Adresse gibt es nicht, oder sie nimmt keine E-Mails an
smtp-policy = der Server lehnt die Nachricht nach eigenen Regeln ab (Sicherheitsfilter oder Reputation des Absenders)
smtp-greylisted = der Server schiebt die Annahme auf, die Zustellung wird automatisch wiederholt
smtp-other = der Server nennt einen anderen Grund

# Zeitlicher Verlauf für den Support: das Ereignis, nach dem Doppelpunkt eine Einzelheit.
timeline-line = { $event }: { $detail }
timeline-times = { $line } ({ $count }×)
timeline-reset_requested = Ein neues Passwort wurde angefordert
timeline-reset_processed = Die Anfrage wurde bearbeitet
timeline-reset_swallowed = Auf die Anfrage folgte keine neue Nachricht
timeline-reset_verified = Der Link wurde zum ersten Mal geöffnet
timeline-reset_consumed = Mit dem Link wurde ein neues Passwort festgelegt
timeline-reset_withdrawn = Der Link wurde ungültig gemacht
timeline-reset_link_expired = Der Link ist abgelaufen
timeline-mail_handed_over = Die Nachricht wurde zur Zustellung übergeben
timeline-mail_deferred = Die Nachricht konnte noch nicht übergeben werden, der Versuch wird wiederholt
timeline-mail_given_up = Die Nachricht wird nicht gesendet
timeline-mail_delivery = Bericht über die Zustellung
timeline-mail_suppression_lifted = Die Adresse wurde von der Sperrliste genommen
timeline-authn_password_change = Das Passwort wurde geändert
timeline-user_closed = Der Zugang wurde gesperrt
timeline-user_reopened = Der Zugang wurde wieder geöffnet
timeline-user_email_changed = Die E-Mail-Adresse wurde geändert
timeline-detail-link_made = der Link wurde erstellt und die Nachricht zum Versand vorgemerkt
timeline-detail-renewed = die Nachricht zur vorigen Anfrage wartete noch auf den Versand
timeline-detail-cooldown = zu bald nach der vorigen Nachricht
timeline-detail-enough_links = es galten noch drei Links
timeline-detail-no_account = zu dieser Kundennummer gibt es keinen Benutzer
timeline-detail-closed = der Zugang war gesperrt
timeline-detail-no_email = es war keine E-Mail-Adresse eingetragen
timeline-detail-cooling_off = die E-Mail-Adresse wurde vor Kurzem geändert
timeline-detail-suppressed = das Senden an die Adresse war ausgesetzt
timeline-detail-repeated = Wiederholung einer Anfrage, die zu niemandem führte
timeline-detail-stale = die Anfrage wurde nicht innerhalb von 24 Stunden bearbeitet
timeline-detail-mail_budget = die Höchstzahl der Nachrichten war erreicht
timeline-detail-not_me = durch „Das war ich nicht“ in der Nachricht
timeline-detail-wrong_numbers = zu viele falsche Kundennummern
timeline-detail-refused_passwords = zu viele abgelehnte Passwörter
timeline-detail-hard_bounce = die Adresse hat frühere Nachrichten abgewiesen
timeline-detail-complaint = eine frühere Nachricht wurde als Spam gemeldet
timeline-detail-not_taken = der Mailanbieter hat sie nicht rechtzeitig angenommen
timeline-detail-not_one_recipient = die Adresse ist nicht die eines einzelnen Empfängers
timeline-detail-link_ended = der Link darin galt nicht mehr
timeline-detail-account_closed = der Zugang wurde gesperrt
timeline-detail-password_changed = das Passwort wurde inzwischen geändert
timeline-detail-address_changed = die E-Mail-Adresse wurde inzwischen geändert
timeline-detail-no_expiry = Passwörter laufen nicht mehr ab
timeline-detail-attempt = Versuch { $count }, { $detail }
timeline-detail-with_code = { $detail } ({ $code })
timeline-detail-deferred = der Server des Kunden hat die Annahme aufgeschoben
timeline-detail-bounced_soft = der Server des Kunden hat die Nachricht diesmal nicht angenommen
timeline-detail-bounced_hard = der Server des Kunden hat die Nachricht abgewiesen
timeline-detail-delivered = der Server des Kunden hat die Nachricht angenommen
timeline-detail-complained = der Empfänger hat sie als Spam gemeldet

# Die Seite für den Support.
support-title = Support
support-lead = Warum hat der Kunde die Nachricht für ein neues Passwort nicht bekommen?
support-language = Sprache der Seite
support-no-script = Schalten Sie für diese Seite JavaScript ein.
support-network-error = Der Server kann gerade nicht antworten. Bitte versuchen Sie es in einigen Augenblicken noch einmal.
support-sign-in-title = Anmeldung für den Support
support-sign-in-hint = Geben Sie die beiden Angaben ein, die Sie von der Systemverwaltung bekommen haben. Das Geheimnis wird auf dieser Seite nicht gespeichert.
support-client-id = Kennung (client_id)
support-client-secret = Geheimnis (client_secret)
support-sign-in = Anmelden
support-signed-in-as = Angemeldet als
support-sign-out = Abmelden
support-signed-out = Sie sind abgemeldet.
support-session-over = Die Anmeldung ist abgelaufen. Bitte melden Sie sich noch einmal an.
support-wrong-client = Kennung oder Geheimnis ist falsch oder wurde widerrufen.
support-no-person = Mit dieser Kennung ist hier keine Anmeldung möglich, weil sie zu einem Programm gehört. Lassen Sie sich von der Systemverwaltung eine persönliche geben.
support-wait = Zu viele Versuche. Versuchen Sie es in { $time } noch einmal.
support-number = Kundennummer
support-number-hint = Sechs Ziffern, wie der Kunde sie nennt.
support-email = E-Mail-Adresse (freiwillig)
support-email-hint = Die Adresse, an der der Kunde auf die Nachricht wartet. Nur wenn sie mit der eingetragenen übereinstimmt, dürfen Sie dem Kunden sagen, was gefunden wurde.
support-answer-language = Sprache der Antwort
support-ask = Ursache suchen
support-asking = Suche läuft …
support-findings = Ergebnis
support-findings-found = Ergebnis für die Kundennummer { $number }
support-severity-blocking = Hindernis
support-severity-warning = Warnung
support-severity-info = Hinweis
support-say = Sagen Sie dem Kunden
support-say-nothing = Sagen Sie das dem Kunden nicht: Die Adresse, die er genannt hat, ist nicht die eingetragene.
support-say-unasked = Sagen Sie das dem Kunden noch nicht: Fragen Sie nach seiner E-Mail-Adresse und suchen Sie die Ursache noch einmal.
support-copy = Kopieren
support-copied = Kopiert
support-copy-failed = Nicht gelungen, bitte von Hand kopieren
support-next = Nächster Schritt
support-timeline = Zeitlicher Verlauf
support-timeline-note = Die letzten 30 Tage, nach slowenischer Zeit.
support-timeline-time = Zeit
support-timeline-what = Ereignis
support-timeline-empty = In den letzten 30 Tagen ist nichts geschehen.
support-acts = Maßnahmen
support-act-unlock = Anmeldung freigeben
support-act-unlock-confirm = Die falschen Versuche zu dieser Kundennummer werden gelöscht, und die Anmeldung ist nicht mehr verlangsamt.
support-act-resend = Neue Nachricht senden
support-act-resend-confirm = An die eingetragene Adresse geht eine neue Nachricht mit einem Link zum Ändern des Passworts.
support-act-lift = Wieder an die Adresse senden
support-act-lift-confirm = An die Adresse, die Nachrichten abgewiesen hat, wird wieder gesendet. Prüfen Sie vorher, ob das Postfach des Kunden funktioniert.
support-act-lock-down = Zugang absichern
support-act-lock-down-confirm = Alle Anmeldungen, Geräte und Links werden ungültig, und an die eingetragene Adresse geht die Nachricht für ein neues Passwort.
support-act-caller = Anrufer prüfen
support-act-caller-confirm = Der Kunde bekommt einen sechsstelligen Code und liest ihn Ihnen vor.
support-act-reason = Grund
support-act-reason-hint = 1 bis 200 Zeichen; er wird im Prüfprotokoll festgehalten.
support-act-deliver-to = Der Code erscheint
support-act-deliver-page = auf der Seite des angemeldeten Kunden
support-act-deliver-mail = in einer Nachricht an die eingetragene Adresse
support-act-code = Code, den der Kunde vorliest
support-act-check = Code prüfen
support-act-verified = Der Code stimmt.
support-act-not-verified = Der Code ist falsch oder gilt nicht mehr.
support-act-do = Bestätigen
support-act-cancel = Abbrechen
support-act-close = Schließen
support-act-done = Erledigt.
