# Hrvatski.

reset-requested = Na vaš zahtjev za promjenu lozinke odgovorit ćemo uskoro. Više informacija dobit ćete na svoju adresu e-pošte.
password-replaced = Lozinka je promijenjena.
link-withdrawn = Poveznica više ne vrijedi. Vaša lozinka nije promijenjena.

problem-malformed-request = Zahtjev se ne može pročitati: očekuje se JSON objekt s dokumentiranim poljima.
problem-validation-failed = Neka polja nisu ispravno ispunjena.
problem-invalid-credentials = Pogrešno korisničko ime ili lozinka.
problem-invalid-token = Niste prijavljeni ili je prijava istekla. Prijavite se ponovno.
problem-forbidden = Ovaj poziv ovdje nije dopušten.
problem-insufficient-scope = Tokenu nedostaje potrebno ovlaštenje. Zatražite token s ovlaštenjem koje navodi dokumentacija.
problem-password-expired-expired = Vaša je lozinka istekla. Postavite novu.
problem-password-expired-administrative = Lozinku morate promijeniti. Poveznicu za promjenu dobit ćete e-poštom.
problem-password-expired-breached = Ova je lozinka procurila iz druge usluge pa je morate promijeniti. Poveznicu za promjenu dobit ćete e-poštom.
problem-challenge-required = Trenutačno provjeravamo šalje li zahtjeve program. Ponovno učitajte stranicu i pokušajte još jednom.
problem-rate-limited = Previše pokušaja. Pričekajte neko vrijeme i pokušajte ponovno.
problem-account-closed = Vaš je pristup onemogućen. Pišite na { $support_email } ili nazovite { $support_phone }.
problem-not-found = Na ovoj adresi nema ničega.
problem-method-not-allowed = Ova adresa ne podržava tu metodu.
problem-not-acceptable = Odgovor je dostupan samo kao application/json.
problem-conflict = To već postoji ili se isti zahtjev još obrađuje.
problem-payload-too-large = Zahtjev je prevelik.
problem-unsupported-media-type = Sadržaj zahtjeva mora biti application/json.
problem-reset-link-unusable-expired = Poveznica je istekla. Zatražite novu.
problem-reset-link-unusable-used = Poveznica je već iskorištena. Zatražite novu ako lozinka i dalje ne radi.
problem-reset-link-unusable-withdrawn = Poveznica je poništena. Zatražite novu.
problem-reset-link-unusable-unknown = Poveznica nije valjana. Provjerite jeste li otvorili cijelu poveznicu ili zatražite novu.
problem-unavailable = Usluga trenutačno nije dostupna. Pokušajte ponovno za nekoliko trenutaka.
problem-internal-error = Došlo je do pogreške. Pokušajte ponovno kasnije.

field-required = Ovo je polje obavezno.
field-invalid_format = Korisničko ime je šesteroznamenkasti broj kupca.
field-invalid_email = Ovo nije valjana adresa e-pošte.
field-customer_number_mismatch = Poveznica ne pripada ovom broju kupca.
field-passwords_differ = Lozinke se ne podudaraju.
field-incorrect_password = Trenutačna lozinka nije ispravna.
field-password_length = Lozinka ima od 1 do 128 znakova.

rule-too_short =
    { $min_length ->
        [one] Duljina lozinke: najmanje { $min_length } znak.
        [few] Duljina lozinke: najmanje { $min_length } znaka.
       *[other] Duljina lozinke: najmanje { $min_length } znakova.
    }
rule-too_long = Duljina lozinke: najviše { $max_length } znakova.
rule-invalid_format = Lozinka ne smije sadržavati nevidljive (kontrolne) znakove.
rule-missing_uppercase = Barem jedno veliko slovo (uz { $below_length } ili više znakova nije potrebno).
rule-missing_lowercase = Barem jedno malo slovo (uz { $below_length } ili više znakova nije potrebno).
rule-missing_digit = Barem jedna znamenka (uz { $below_length } ili više znakova nije potrebna).
rule-common_password = Lozinka ne smije biti među najčešćima.
rule-contains_customer_number = Lozinka se ne smije sastojati pretežno od broja kupca.
rule-contains_email = Lozinka se ne smije sastojati pretežno od vaše adrese e-pošte.
rule-contains_brand = Lozinka se ne smije sastojati pretežno od imena tvrtke ili usluge.
rule-published_example = Primjer iz uputa nije dopušten.
rule-breached_password = Lozinka ne smije biti među onima koje su procurile iz drugih usluga.
rule-same_as_current = Lozinka ne smije biti jednaka dosadašnjoj.
rule-used_recently =
    { $history ->
        [1] Lozinka ne smije biti jednaka onoj prije dosadašnje.
       *[other] Lozinka ne smije biti jednaka nijednoj od zadnjih { $history } prije dosadašnje.
    }

lifetime-hours =
    { $hours ->
        [one] { $hours } sat
        [few] { $hours } sata
       *[other] { $hours } sati
    }
lifetime-minutes =
    { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minute
       *[other] { $minutes } minuta
    }
lifetime-seconds =
    { $seconds ->
        [one] { $seconds } sekundu
        [few] { $seconds } sekunde
       *[other] { $seconds } sekundi
    }

moment = { $date } u { $time }

mail-greeting = Poštovani,
mail-closing = Lijep pozdrav
mail-support = Pomoć: { $support_email }, { $support_phone }
mail-message-id = Oznaka poruke: { $message_id }
mail-fact-time = Vrijeme
mail-fact-requested = Vrijeme zahtjeva
mail-fact-device = Uređaj
mail-fact-device-unknown = nepoznat uređaj
mail-fact-number = Broj kupca
mail-fact-number-end = završava na { $last_two }
mail-fact-expiry = Lozinka vrijedi do
mail-fact-expired = Lozinka je vrijedila do
mail-not-me-title = To niste bili vi?
mail-question-title = Imate pitanje?
mail-question = Pišite na { $support_email } ili nazovite { $support_phone }.
mail-reset-subject = { $brand }: promjena lozinke
mail-reset-title = Promjena lozinke
mail-reset-intro = primili smo zahtjev za promjenu lozinke. Novu lozinku postavite putem poveznice u nastavku.
mail-reset-button = Promjena lozinke
mail-reset-lifetime = Poveznica vrijedi { $lifetime } i može se iskoristiti samo jednom.
mail-reset-not-me = Vaša lozinka ostaje nepromijenjena. Poveznicu možete poništiti.
mail-reset-not-me-without-link = Vaša lozinka ostaje nepromijenjena, a ovu poruku možete zanemariti.
mail-reset-withdraw = Promjenu nismo zatražili
mail-changed-subject = { $brand }: lozinka je promijenjena
mail-changed-title = Lozinka je promijenjena
mail-changed-intro = lozinka za vaš pristup promijenjena je. Svi su drugi uređaji odjavljeni; na njima se prijavite novom lozinkom.
mail-changed-not-me = Odmah postavite novu lozinku i javite nam.
mail-changed-button = Postavi novu lozinku
mail-device-subject = { $brand }: prijava s novog uređaja
mail-device-title = Prijava s novog uređaja
mail-device-intro = netko se prijavio u vaš pristup s uređaja koji dosad nismo poznavali. Ako ste to bili vi ili netko od suradnika, ne trebate ništa poduzeti.
mail-device-not-me = Ako to nije bio ni nitko od suradnika, odmah postavite novu lozinku: time ćete odjaviti sve uređaje.
mail-devices-subject = { $brand }: dodatne prijave s novih uređaja
mail-devices-title = Dodatne prijave s novih uređaja
mail-devices-intro = u vaš pristup bilo je još prijava s uređaja koje dosad nismo poznavali. Kako se vaš poštanski sandučić ne bi napunio, neko vrijeme, najviše jedan dan, nećemo vam javljati svaku od njih.
mail-devices-sessions = Na stranici „Moj pristup” vidite sve prijavljene uređaje i možete odjaviti one koje ne prepoznajete.
mail-devices-sessions-link = Prikaži prijavljene uređaje
mail-expiry-subject = { $brand }: lozinka uskoro istječe
mail-expiry-title = Lozinka uskoro istječe
mail-expiry-intro = vaša lozinka vrijedi još samo do { $date }
mail-expiry-advice = Promijenite je prije toga kako vas istek ne bi omeo u radu.
mail-expiry-button = Promjena lozinke
mail-expired-subject = { $brand }: lozinka je istekla
mail-expired-title = Lozinka je istekla
mail-expired-intro = vaša je lozinka vrijedila do { $date }
mail-expired-advice = Pri sljedećoj prijavi morat ćete postaviti novu; možete je postaviti već sada.
mail-closed-subject = { $brand }: pristup je onemogućen
mail-closed-title = Pristup je onemogućen
mail-closed-intro = vaš je pristup onemogućen. Svi su uređaji odjavljeni, a poveznice za promjenu lozinke više ne vrijede; nova lozinka ne vraća pristup.
mail-closed-question-title = Imate pitanje ili mislite da je riječ o pogrešci?
mail-reopened-subject = { $brand }: pristup je ponovno omogućen
mail-reopened-title = Pristup je ponovno omogućen
mail-reopened-intro = ponovno se možete prijaviti.
mail-reopened-password = Lozinka je ista kao prije; ako je se ne sjećate ili je istekla, na stranici za prijavu odaberite „Zaboravljena lozinka”.
mail-address-subject = { $brand }: adresa e-pošte je promijenjena
mail-address-title = Adresa e-pošte je promijenjena
mail-address-intro = adresa e-pošte na koju šaljemo poruke o prijavi i lozinci promijenjena je. Na dosadašnju adresu više ih nećemo slati, a ranije poslane poveznice za promjenu lozinke više ne vrijede.
mail-address-not-me = Odmah pišite na { $support_email } ili nazovite { $support_phone }.

page-change-title = Promjena lozinke
page-request-title = Zaboravljena lozinka
page-withdraw-title = Promjenu nismo zatražili
page-user-name = Korisničko ime
page-new-password = Nova lozinka
page-new-password-again = Ponovno unesite lozinku
page-submit = Pošalji
page-request-submit = Ponovno postavi lozinku
page-request-hint = Unesite šesteroznamenkasti broj kupca. Poveznicu za promjenu lozinke dobit ćete e-poštom.
page-withdraw-explanation = Ako niste zatražili promjenu lozinke, poveznicu iz poruke možete poništiti: upišite svoje korisničko ime. Vaša lozinka ostaje nepromijenjena.
page-withdraw-submit = Poništi poveznicu
page-not-me-title = To nismo bili mi
page-not-me-what = Netko je promijenio lozinku ili se prijavio s uređaja koji dosad nismo poznavali, a to niste bili ni vi ni vaši suradnici.
page-not-me-remedy = Novom ćete lozinkom odjaviti sve uređaje: unesite šesteroznamenkasti broj kupca i poveznicu za promjenu lozinke dobit ćete e-poštom.
page-not-me-support = Javite i nama:
page-no-token = Otvorite poveznicu iz poruke.
page-network-error = Poslužitelj trenutačno ne može odgovoriti. Pokušajte ponovno za nekoliko trenutaka.
page-no-script = Uključite JavaScript za ovu stranicu ili nam pišite ili nas nazovite:
page-sign-in-title = Prijava
page-sign-in-submit = Prijavi se
page-password = Lozinka
page-current-password = Trenutačna lozinka
page-show-password = Prikaži lozinku
page-strength = Jačina lozinke:
page-strength-words = slaba|srednja|dobra|vrlo dobra
page-rule-met = ispunjeno
page-other-rules = Ostala pravila
page-done-sign-in = Na prijavu
page-back-to-sign-in = Natrag na prijavu
page-resend-in = Novu poruku možete zatražiti { $time }.
page-session-over = Odjavljeni ste. Prijavite se ponovno.
page-no-storage = Vaš preglednik ovoj stranici ne dopušta pohranu podataka pa prijava nije moguća. Za ovu stranicu dopustite kolačiće i podatke web-mjesta, a zatim se ponovno prijavite.
page-account-title = Moj pristup
page-email = Adresa e-pošte
page-no-email = nije upisana
page-last-sign-in = Posljednja prijava
page-password-changed = Lozinka promijenjena
page-password-expires = Lozinka vrijedi do
page-advice-password_age = Lozinku dugo niste promijenili.
page-advice-many_devices = Ovom se lozinkom prijavljuje mnogo uređaja.
page-advice-many_failures = U posljednje je vrijeme bilo mnogo neuspjelih prijava.
page-advice-change = Preporučujemo da promijenite lozinku.
page-sessions = Prijavljeni uređaji
page-session-current = ovaj uređaj
page-session-times = prijava: { $created }; zadnja upotreba: { $used }
page-session-end = Odjavi
page-session-ended = Uređaj je odjavljen.
page-session-end-others = Odjavi sve druge uređaje
page-sessions-ended = Svi su drugi uređaji odjavljeni.
page-sign-out = Odjavi se
page-retry = Pokušaj ponovno
page-language = Jezik
page-starting = Stranica se učitava. Ako se ništa ne prikaže, učitajte je ponovno.
page-purpose = Internetski katalog dijelova za radionice
page-help = Pomoć:
page-imprint = Impresum
page-privacy = Privatnost
page-steps = Koraci
page-step-1 = Zahtjev
page-step-2 = E-pošta
page-step-3 = Nova lozinka
page-step-4 = Prijava
page-sending = Šaljem …
page-offline = Nema veze s internetom. Kad se veza vrati, poslat ćemo ponovno.
page-caps-lock = Uključena su velika slova (Caps Lock).
page-wait = Previše pokušaja. Pokušajte ponovno { $time }.
page-wait-way = Odmah možete postaviti novu lozinku i prijaviti se njome:
page-wait-over = sada
page-request-again = Pošalji ponovno
page-rules-classes = Najmanje { $min_length } znakova s velikim i malim slovom i znamenkom – ili najmanje { $below_length } bilo kojih znakova.
page-rules-length = Najmanje { $min_length } znakova.
page-no-mail-title = Nema poruke?
page-no-mail-wait = Pričekajte pet minuta.
page-no-mail-spam = Pogledajte u mapu s neželjenom poštom.
page-no-mail-others = Pogledajte i u druge sandučiće e-pošte svoje tvrtke.
page-no-mail-orders = Potražite sandučić u koji primate potvrde narudžbi.
page-no-mail-support = Još uvijek ništa? Pišite ili nazovite te navedite broj kupca i adresu e-pošte:
page-no-token-again = Otvorite poveznicu iz poruke ili zatražite novu.
page-home = U katalog
page-not-found-title = Ova stranica ne postoji
page-not-found-what = Adresa nije ispravna ili stranice više nema.
page-wrong-fields =
    { $count ->
        [one] Ispravite { $count } polje.
        [few] Ispravite { $count } polja.
       *[other] Ispravite { $count } polja.
    }

# Objašnjenja za podršku: prva je rečenica za kupca, „-next” je sljedeći korak za podršku.
finding-no_such_customer = Nema korisnika s ovim brojem kupca; provjerite jeste li unijeli ispravnih šest znamenki.
finding-no_such_customer-next = Broj kupca provjerite na računu ili potvrdi narudžbe; ako je ispravan, kupcu najprije treba omogućiti pristup.
finding-account_closed = Pristup za ovaj broj kupca onemogućen je pa poveznicu za promjenu lozinke ne šaljemo.
finding-account_closed-next = Pristup je onemogućen { $at } i nova ga lozinka ne vraća: kupcu ne navodite razlog, a o ponovnom omogućavanju neka odluči administrator.
finding-no_email_on_file = Za ovaj broj kupca nemamo adresu e-pošte pa vam poveznicu za promjenu lozinke ne možemo poslati.
finding-no_email_on_file-next = Provjerite razgovarate li s pravom osobom, pobrinite se za upis adrese e-pošte, a kupac neka zatim ponovno odabere „Zaboravljena lozinka”.
finding-email_differs = Naveli ste drukčiju adresu e-pošte od one koju imamo za ovaj broj kupca i na koju šaljemo poruke.
finding-email_differs-next = Upisana je adresa { $masked_email }: kupac neka pogleda u taj sandučić; ako ga više ne koristi, provjerite s kim razgovarate i pobrinite se za upis nove adrese.
finding-no_request_received = Za ovaj broj kupca nema otvorenog zahtjeva za promjenu lozinke; odaberite „Zaboravljena lozinka”.
finding-no_request_received-next = Kupac neka na stranici za prijavu odabere „Zaboravljena lozinka”, unese svoj broj kupca, pritisne „Ponovno postavi lozinku” i pričeka pet minuta.
finding-request_swallowed = U kratkom je vremenu bilo više zahtjeva pa na zadnji nismo poslali novu poruku; iskoristite poveznicu iz prethodne ili pošaljite novi zahtjev nakon { $until }.
finding-request_swallowed-next = Na zahtjev ubrzo nakon prethodnog ili uz tri još važeće poveznice ne šaljemo novu poruku: kupac neka potraži prethodnu ili pokuša ponovno nakon { $until }.
finding-mail_limit_reached = U kratkom je vremenu zatraženo previše poruka pa na zadnji zahtjev nismo poslali nijednu; za sat vremena ponovno odaberite „Zaboravljena lozinka”.
finding-mail_limit_reached-next = Dosegnut je najveći broj poruka za ovaj broj kupca, za ovaj poštanski sandučić ili za sve kupce: kupac neka pokuša ponovno za sat vremena, po mogućnosti putem druge internetske veze; ako se to dogodi većem broju kupaca, obavijestite administratora sustava.
finding-mail_waiting = Poruka s poveznicom spremna je i uskoro će biti poslana.
finding-mail_waiting-next = Pogledajte ponovno za nekoliko minuta; ako poruka i dalje čeka, obavijestite administratora sustava.
finding-mail_provider_down = Trenutačno imamo poteškoća sa slanjem e-pošte; poruka će se automatski poslati čim budu otklonjene.
finding-mail_provider_down-next = Slanje se ponavlja do { $until } (dosadašnji pokušaji: { $count }, zadnji odgovor: { $detail }); obavijestite administratora sustava, a kupac ne treba slati novi zahtjev.
finding-mail_refused = Poruku na vašu adresu e-pošte nismo mogli poslati.
finding-mail_refused-next = Naš pružatelj usluge e-pošte odbio je poruku ({ $detail }): provjerite je li adresa e-pošte ispravno upisana i obavijestite administratora sustava.
finding-address_suppressed = Na vašu adresu e-pošte trenutačno ne možemo slati jer su prijašnje poruke bile odbijene.
finding-address_suppressed-next = Adresa je na našem popisu blokiranih ({ $detail }): provjerite radi li kupčev sandučić, zatim neka administrator sustava ukloni adresu s popisa (stakis-identity account lift-suppression) ili se pobrinite za upis druge; prije toga nova poveznica neće stići.
finding-mail_bounced = Vaš je poslužitelj e-pošte { $at } odbio našu poruku.
finding-mail_bounced-next = Odgovor poslužitelja: { $detail }; s kupcem provjerite adresu e-pošte i sandučić, a zatim neka ponovno odabere „Zaboravljena lozinka”.
finding-mail_bounced-next-without-asking = Odgovor poslužitelja: { $detail }; s kupcem provjerite adresu e-pošte i sandučić.
finding-mail_deferred = Vaš je poslužitelj e-pošte odgodio prihvaćanje naše poruke; dostava se automatski ponavlja pa poruka može kasniti.
finding-mail_deferred-next = Odgovor poslužitelja: { $detail }; pričekajte otprilike pola sata, a ako poveznica pri dolasku poruke više ne vrijedi, kupac neka zatraži novu.
finding-mail_delivered = Vaš je poslužitelj e-pošte { $at } prihvatio poruku; provjerite i neželjenu poštu i druge mape.
finding-mail_delivered-next = Kupac neka poruku potraži u svim mapama i kod suradnika s istim sandučićem, a njegov administrator e-pošte u karanteni poslužitelja.
finding-mail_handed_over_unconfirmed = Poruku smo { $at } predali na dostavu, ali potvrde još nema; provjerite i neželjenu poštu.
finding-mail_handed_over_unconfirmed-next = Pogledajte ponovno za nekoliko minuta; ako i dalje nema ni potvrde ni poruke, kupac neka ponovno odabere „Zaboravljena lozinka”.
finding-mail_complained = Jedna je naša poruka u vašem sandučiću označena kao neželjena pošta pa sljedeće možda neće stići.
finding-mail_complained-next = Kupac neka našu adresu doda među sigurne pošiljatelje, a administrator sustava neka provjeri je li njegova adresa na popisu blokiranih.
finding-mail_abandoned = Poruku nismo uspjeli poslati na vrijeme pa ponovno odaberite „Zaboravljena lozinka”.
finding-mail_abandoned-next = Od slanja smo odustali { $at }: kod administratora sustava provjerite radi li ponovno, a zatim neka kupac pošalje novi zahtjev.
finding-mail_dropped = Poruku nismo poslali jer poveznica u njoj u međuvremenu više nije vrijedila.
finding-mail_dropped-next = Prije slanja poveznica je prestala vrijediti, pristup je onemogućen ili je promijenjena adresa e-pošte (pogledajte vremenski slijed); ako zapreke više nema, kupac neka ponovno odabere „Zaboravljena lozinka”.
finding-link_opened_by_scanner = Poveznicu je { $at } automatski otvorio sigurnosni program; time nije iskorištena i još je možete upotrijebiti.
finding-link_opened_by_scanner-next = Poruka je dakle stigla do kupčeva sustava e-pošte: kupac neka je potraži u svim mapama i u karanteni.
finding-link_opened = Poveznica iz poruke otvorena je { $at }, ali lozinka njome još nije promijenjena.
finding-link_opened-next = Pitajte tko je u radionici otvorio stranicu i koje je polje crveno: treba unijeti broj kupca i dvaput istu novu lozinku te pritisnuti „Pošalji”.
finding-link_used = Lozinka je poveznicom iz poruke promijenjena { $at }; prijavite se novom lozinkom.
finding-link_used-next = Pitajte je li lozinku promijenio suradnik; ako je nije promijenio nitko od njih, kupac neka odmah ponovno odabere „Zaboravljena lozinka” i osigura svoj sandučić.
finding-link_expired = Poveznica je istekla { $at }; ponovno odaberite „Zaboravljena lozinka”.
finding-link_expired-next = Kupac neka zatraži novu poveznicu i upotrijebi je čim poruka stigne; ako poruke kasne, provjerite i dostavu.
finding-link_withdrawn = Poveznica više ne vrijedi jer je { $at } poništena; ponovno odaberite „Zaboravljena lozinka”.
finding-link_withdrawn-next = Poveznica se poništava odabirom „Promjenu nismo zatražili” u poruci, nakon više pogrešnih unosa, promjenom lozinke, onemogućavanjem pristupa ili promjenom adrese e-pošte; ako kupac za to ne zna, pitajte tko još čita njegov sandučić.
finding-password_already_changed = Lozinka za ovaj broj kupca već je promijenjena { $at } pa prijašnje poveznice više ne vrijede.
finding-password_already_changed-next = Pitajte je li lozinku promijenio suradnik koji je drugima još nije rekao; ako je nije promijenio nitko, kupac neka odmah ponovno odabere „Zaboravljena lozinka”.
finding-sign_in_throttled = Zbog više pogrešnih pokušaja prijava je usporena do { $until }; ako odaberete „Zaboravljena lozinka”, novom se lozinkom možete prijaviti i prije.
finding-sign_in_throttled-next = Broj pogrešnih pokušaja: { $count }; ako nisu kupčevi, netko pogađa lozinku pa neka kupac putem „Zaboravljena lozinka” postavi novu, jaku lozinku.
finding-email_changed_cooling_off = Adresa e-pošte za ovaj broj kupca promijenjena je { $at } pa iz sigurnosnih razloga do { $until } ne šaljemo poveznice za promjenu lozinke.
finding-email_changed_cooling_off-next = Kupac neka pokuša ponovno nakon { $until }, a vi u međuvremenu provjerite je li promjenu adrese doista zatražio on.

smtp-mailbox_unknown = takav sandučić ne postoji
smtp-mailbox_full = sandučić je pun
smtp-domain_unknown = domena adrese e-pošte ne postoji ili ne prima poštu
smtp-policy = poslužitelj odbija poruku prema svojim pravilima (sigurnosni filtar ili ugled pošiljatelja)
smtp-content = poslužitelj odbija sadržaj ili veličinu poruke
smtp-listed = adresa je na vlastitom popisu blokiranih pružatelja usluge e-pošte
smtp-greylisted = poslužitelj privremeno odgađa prihvaćanje, dostava se automatski ponavlja
smtp-other = poslužitelj navodi drugi razlog

reason-no_mail_api = trenutačno ne radi nijedan pružatelj usluge e-pošte
reason-timeout = pružatelj usluge e-pošte nije odgovorio na vrijeme
reason-no_connection = veza s pružateljem usluge e-pošte nije uspostavljena
reason-no_secure_connection = sigurna veza s pružateljem usluge e-pošte nije uspostavljena
reason-odd_answer = odgovor pružatelja usluge e-pošte nije moguće pročitati
reason-wrong_settings = postavke za pružatelja usluge e-pošte nisu ispravne
reason-no_key = poslužitelj još nema ključ za poveznicu u poruci
reason-several_recipients = upisana adresa ne pripada samo jednom sandučiću
reason-http = pružatelj usluge e-pošte odgovorio je kodom { $status }
reason-http-named = pružatelj usluge e-pošte odgovorio je kodom { $status } ({ $code })

# Vremenski tijek za podršku: događaj, a iza dvotočke pojedinost.
timeline-line = { $event }: { $detail }
timeline-times = { $line } ({ $count }×)
timeline-reset_requested = Zatražena je promjena lozinke
timeline-reset_processed = Zahtjev je obrađen
timeline-reset_swallowed = Zahtjev nije doveo do nove poruke
timeline-reset_verified = Poveznica je prvi put otvorena
timeline-reset_consumed = Poveznicom je postavljena nova lozinka
timeline-reset_withdrawn = Poveznica je poništena
timeline-reset_link_expired = Poveznica je istekla
timeline-mail_handed_over = Poruka je predana na dostavu
timeline-mail_deferred = Poruku još nije bilo moguće predati, pokušaj će se ponoviti
timeline-mail_given_up = Poruka neće biti poslana
timeline-mail_delivery = Izvješće o dostavi
timeline-mail_suppression_lifted = Adresa je uklonjena s popisa blokiranih
timeline-authn_password_change = Lozinka je promijenjena
timeline-user_closed = Pristup je onemogućen
timeline-user_reopened = Pristup je ponovno omogućen
timeline-user_email_changed = Adresa e-pošte je promijenjena
timeline-detail-link_made = poveznica je izrađena, a poruka stavljena u red za slanje
timeline-detail-renewed = poruka na prethodni zahtjev još je čekala na slanje
timeline-detail-cooldown = prerano nakon prethodne poruke
timeline-detail-enough_links = još su vrijedile tri poveznice
timeline-detail-no_account = nema korisnika s ovim brojem kupca
timeline-detail-closed = pristup je bio onemogućen
timeline-detail-no_email = adresa e-pošte nije bila upisana
timeline-detail-cooling_off = adresa e-pošte nedavno je promijenjena
timeline-detail-suppressed = slanje na adresu bilo je zaustavljeno
timeline-detail-repeated = ponavljanje zahtjeva koji nije doveo ni do koga
timeline-detail-stale = zahtjev nije obrađen u roku od 24 sata
timeline-detail-mail_budget = bio je dosegnut najveći broj poruka
timeline-detail-not_me = odabirom „Promjenu nismo zatražili” u poruci
timeline-detail-wrong_numbers = previše pogrešnih brojeva kupca
timeline-detail-refused_passwords = previše odbijenih lozinki
timeline-detail-hard_bounce = adresa je odbila prijašnje poruke
timeline-detail-complaint = prijašnja je poruka označena kao neželjena pošta
timeline-detail-not_taken = pružatelj usluge e-pošte nije je preuzeo na vrijeme
timeline-detail-not_one_recipient = adresa nije adresa jednog primatelja
timeline-detail-link_ended = poveznica u njoj više nije vrijedila
timeline-detail-account_closed = pristup je onemogućen
timeline-detail-password_changed = lozinka je u međuvremenu promijenjena
timeline-detail-address_changed = adresa e-pošte u međuvremenu je promijenjena
timeline-detail-no_expiry = lozinke više ne istječu
timeline-detail-attempt = pokušaj { $count }, { $detail }
timeline-detail-with_code = { $detail } ({ $code })
timeline-detail-deferred = kupčev je poslužitelj odgodio prihvaćanje
timeline-detail-bounced_soft = kupčev poslužitelj ovaj put nije prihvatio poruku
timeline-detail-bounced_hard = kupčev je poslužitelj odbio poruku
timeline-detail-delivered = kupčev je poslužitelj prihvatio poruku
timeline-detail-complained = primatelj ju je označio kao neželjenu poštu

# Stranica za podršku.
support-title = Podrška
support-lead = Zašto kupac nije dobio poruku za novu lozinku?
support-language = Jezik stranice
support-no-script = Uključite JavaScript za ovu stranicu.
support-network-error = Poslužitelj trenutačno ne može odgovoriti. Pokušajte ponovno za nekoliko trenutaka.
support-sign-in-title = Prijava za podršku
support-sign-in-hint = Upišite podatke koje ste dobili od administratora sustava. Tajna se na ovoj stranici ne sprema.
support-client-id = Oznaka (client_id)
support-client-secret = Tajna (client_secret)
support-sign-in = Prijava
support-signed-in-as = Prijavljeni ste kao
support-sign-out = Odjava
support-signed-out = Odjavljeni ste.
support-session-over = Prijava je istekla. Prijavite se ponovno.
support-wrong-client = Oznaka ili tajna nije točna ili je opozvana.
support-no-person = S ovom se oznakom ovdje nije moguće prijaviti jer pripada programu. Zatražite osobnu od administratora sustava.
support-wait = Previše pokušaja. Pokušajte ponovno za { $time }.
support-number = Broj kupca
support-number-hint = Šest znamenki, kako ih kupac navede.
support-email = Adresa e-pošte (neobavezno)
support-email-hint = Adresa na kojoj kupac čeka poruku. Samo ako je to upisana adresa, smijete kupcu reći što je utvrđeno.
support-answer-language = Jezik odgovora
support-ask = Pronađi uzrok
support-asking = Tražim …
support-findings = Nalaz
support-findings-found = Nalaz za broj kupca { $number }
support-severity-blocking = Prepreka
support-severity-warning = Upozorenje
support-severity-info = Napomena
support-say = Recite kupcu
support-say-nothing = Ne govorite to kupcu: adresa koju je naveo nije ona koju imamo.
support-say-unasked = Još ne govorite to kupcu: pitajte ga za adresu e-pošte i ponovno potražite uzrok.
support-copy = Kopiraj
support-copied = Kopirano
support-copy-failed = Nije uspjelo, kopirajte ručno
support-next = Sljedeći korak
support-timeline = Vremenski tijek
support-timeline-note = Posljednjih 30 dana, po slovenskom vremenu.
support-timeline-time = Vrijeme
support-timeline-what = Događaj
support-timeline-empty = U posljednjih 30 dana nije bilo ničega.
support-acts = Postupci
support-act-unlock = Oslobodi prijavu
support-act-unlock-confirm = Pogrešni pokušaji za ovaj broj kupca brišu se i prijava više nije usporena.
support-act-resend = Pošalji novu poruku
support-act-resend-confirm = Na upisanu adresu ide nova poruka s poveznicom za promjenu lozinke.
support-act-lift = Ponovno šalji na adresu
support-act-lift-confirm = Na adresu koja je odbila poruke ponovno šaljemo. Najprije provjerite radi li kupčev sandučić.
support-act-lock-down = Zaključaj pristup
support-act-lock-down-confirm = Sve prijave, uređaji i poveznice prestaju vrijediti, a na upisanu adresu ide poruka za novu lozinku.
support-act-caller = Provjeri pozivatelja
support-act-caller-confirm = Kupac dobiva šesteroznamenkasti kod i čita vam ga.
support-act-reason = Razlog
support-act-reason-hint = Od 1 do 200 znakova; sprema se u revizijski trag.
support-act-deliver-to = Kod se prikazuje
support-act-deliver-page = na stranici prijavljenog kupca
support-act-deliver-mail = u poruci na upisanu adresu
support-act-code = Kod koji kupac pročita
support-act-check = Provjeri kod
support-act-verified = Kod je točan.
support-act-not-verified = Kod nije točan ili više ne vrijedi.
support-act-do = Potvrdi
support-act-cancel = Odustani
support-act-close = Zatvori
support-act-done = Obavljeno.
