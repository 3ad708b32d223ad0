# Deutsch.

reset-requested = Wir werden Ihre Anfrage zur Änderung des Passworts in Kürze beantworten. Weitere Informationen erhalten Sie per E-Mail.
password-replaced = Das Passwort wurde geändert.
link-withdrawn = Der Link gilt nicht mehr. Ihr Passwort wurde nicht geändert.

problem-malformed-request = Die Anfrage ist nicht lesbar: Erwartet wird ein JSON-Objekt mit den dokumentierten Feldern.
problem-validation-failed = Einige Felder sind nicht richtig ausgefüllt.
problem-invalid-credentials = Benutzername oder Passwort ist falsch.
problem-invalid-token = Das Token fehlt oder gilt nicht mehr. Bitte melden Sie sich neu an.
problem-password-expired-expired = Ihr Passwort ist abgelaufen. Bitte setzen Sie ein neues.
problem-password-expired-administrative = Das Passwort muss geändert werden. Den Link dazu erhalten Sie per E-Mail.
problem-password-expired-breached = Dieses Passwort ist aus einem Datenleck bei einem anderen Dienst bekannt und muss geändert werden. Den Link dazu erhalten Sie per E-Mail.
problem-rate-limited = Zu viele Versuche. Bitte warten Sie eine Weile und versuchen Sie es dann noch einmal.
problem-account-closed = Ihr Zugang ist gesperrt. Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
problem-not-found = Unter dieser Adresse gibt es nichts.
problem-method-not-allowed = Diese Adresse unterstützt diese Methode nicht.
problem-not-acceptable = Die Antwort gibt es nur als application/json.
problem-conflict = Das gibt es schon, oder dieselbe Anfrage wird noch bearbeitet.
problem-payload-too-large = Die Anfrage ist zu groß.
problem-unsupported-media-type = Der Inhalt der Anfrage muss application/json sein.
problem-reset-link-unusable-expired = Der Link ist abgelaufen. Fordern Sie einen neuen an.
problem-reset-link-unusable-used = Der Link wurde schon benutzt. Fordern Sie einen neuen an, falls das Passwort weiterhin nicht funktioniert.
problem-reset-link-unusable-withdrawn = Der Link wurde zurückgezogen. Fordern Sie einen neuen an.
problem-reset-link-unusable-unknown = Der Link ist ungültig. Prüfen Sie, ob Sie ihn ganz geöffnet haben, oder fordern Sie einen neuen an.
problem-unavailable = Der Dienst ist zurzeit nicht verfügbar. Versuchen Sie es gleich noch einmal.
problem-internal-error = Es ist ein Fehler aufgetreten. Versuchen Sie es später noch einmal.

field-required = Dieses Feld muss ausgefüllt sein.
field-invalid_format = Der Benutzername ist die sechsstellige Kundennummer.
field-customer_number_mismatch = Der Link gehört nicht zu dieser Kundennummer.
field-passwords_differ = Die Passwörter stimmen nicht überein.
field-incorrect_password = Das aktuelle Passwort ist nicht richtig.
field-password_length = Ein Passwort hat 1 bis 128 Zeichen.

rule-too_short = Länge des Passworts: mindestens { $min_length } Zeichen.
rule-too_long = Länge des Passworts: höchstens { $max_length } Zeichen.
rule-invalid_format = Keine Steuerzeichen.
rule-missing_uppercase = Mindestens ein Großbuchstabe (ab { $below_length } Zeichen nicht nötig).
rule-missing_lowercase = Mindestens ein Kleinbuchstabe (ab { $below_length } Zeichen nicht nötig).
rule-missing_digit = Mindestens eine Ziffer (ab { $below_length } Zeichen nicht nötig).
rule-common_password = Das Passwort darf keines der häufigsten sein.
rule-contains_customer_number = Das Passwort darf nicht überwiegend aus der Kundennummer bestehen.
rule-contains_email = Das Passwort darf nicht überwiegend aus Ihrer E-Mail-Adresse bestehen.
rule-contains_brand = Das Passwort darf nicht überwiegend aus dem Namen der Firma oder des Dienstes bestehen.
rule-published_example = Das Beispiel aus der Anleitung ist nicht erlaubt.
rule-breached_password = Das Passwort darf nicht aus Datenlecks bei anderen Diensten bekannt sein.
rule-same_as_current = Das Passwort darf nicht das bisherige sein.
rule-used_recently = Das Passwort darf keines der letzten { $history } vor dem bisherigen sein.

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

mail-greeting = Guten Tag,
mail-support = Hilfe: { $support_email }, { $support_phone }
mail-message-id = Kennung dieser Nachricht: { $message_id }
mail-reset-subject = STAkis: Passwort ändern
mail-reset-intro = wir haben eine Anfrage erhalten, das Passwort für die Kundennummer mit den Endziffern { $last_two } zu ändern. Mit diesem Link setzen Sie ein neues Passwort:
mail-reset-button = Passwort ändern
mail-reset-lifetime = Der Link gilt { $lifetime } und kann einmal benutzt werden.
mail-reset-not-me = Sie haben das nicht angefordert? Ihr Passwort bleibt, wie es ist. Sie können den Link zurückziehen:
mail-reset-not-me-without-link = Sie haben das nicht angefordert? Ihr Passwort bleibt, wie es ist, und Sie können diese Nachricht ignorieren.
mail-reset-not-me-button = Das war ich nicht
mail-changed-subject = STAkis: Das Passwort wurde geändert
mail-changed-intro = das Passwort für die Kundennummer mit den Endziffern { $last_two } wurde geändert. Alle anderen Anmeldungen sind beendet; melden Sie sich dort mit dem neuen Passwort an.
mail-changed-not-me = Das waren nicht Sie? Sagen Sie uns Bescheid und setzen Sie sofort ein neues Passwort.
mail-changed-not-me-button = Neues Passwort setzen
mail-device-subject = STAkis: Anmeldung von einem neuen Gerät
mail-device-intro = unter der Kundennummer mit den Endziffern { $last_two } hat sich jemand von einem Gerät aus angemeldet, das wir bisher nicht kannten ({ $device }).
mail-device-unknown = unbekanntes Gerät
mail-device-not-me = Waren das weder Sie noch Ihre Kollegen? Setzen Sie sofort ein neues Passwort: Damit enden alle Anmeldungen.
mail-expiry-subject = STAkis: Ihr Passwort läuft bald ab
mail-expiry-intro = das Passwort für die Kundennummer mit den Endziffern { $last_two } gilt bis { $date }. Ändern Sie es vorher, damit der Ablauf Sie nicht bei der Arbeit unterbricht.
mail-expiry-button = Passwort ändern
mail-closed-subject = STAkis: Der Zugang ist gesperrt
mail-closed-intro = der Zugang zu STAkis für die Kundennummer mit den Endziffern { $last_two } ist gesperrt. Alle Anmeldungen sind beendet, und Links zum Ändern des Passworts gelten nicht mehr; ein neues Passwort öffnet den Zugang nicht.
mail-closed-contact = Haben Sie Fragen, oder halten Sie das für ein Versehen? Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
mail-reopened-subject = STAkis: Der Zugang ist wieder offen
mail-reopened-intro = der Zugang zu STAkis für die Kundennummer mit den Endziffern { $last_two } ist wieder offen. Das Passwort ist dasselbe wie vorher; wenn Sie es nicht mehr wissen oder es abgelaufen ist, wählen Sie auf der Anmeldeseite „Passwort vergessen“.
mail-reopened-contact = Haben Sie Fragen? Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
mail-address-subject = STAkis: Die E-Mail-Adresse wurde geändert
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
page-withdraw-explanation = Wenn Sie keine Änderung des Passworts angefordert haben, können Sie den Link aus der Nachricht zurückziehen. Ihr Passwort bleibt, wie es ist.
page-withdraw-submit = Link zurückziehen
page-not-me-title = Das war ich nicht
page-not-me-what = Jemand hat das Passwort geändert oder sich von einem Gerät aus angemeldet, das wir bisher nicht kannten, und das waren weder Sie noch Ihre Kollegen.
page-not-me-remedy = Ein neues Passwort beendet alle Anmeldungen: Geben Sie die sechsstellige Kundennummer ein, und Sie erhalten den Link zum Ändern des Passworts per E-Mail.
page-not-me-support = Sagen Sie auch uns Bescheid: Schreiben Sie an { $support_email } oder rufen Sie { $support_phone } an.
page-no-token = Öffnen Sie den Link aus der Nachricht.
page-network-error = Der Server ist nicht erreichbar. Versuchen Sie es noch einmal.
page-no-script = Schalten Sie für diese Seite JavaScript ein oder schreiben Sie an { $support_email }.
