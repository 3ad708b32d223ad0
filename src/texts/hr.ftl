# Hrvatski.

reset-requested = Na vaš zahtjev za promjenu lozinke odgovorit ćemo uskoro. Više informacija dobit ćete na svoju adresu e-pošte.
password-replaced = Lozinka je promijenjena.
link-withdrawn = Poveznica više ne vrijedi. Vaša lozinka nije promijenjena.

problem-malformed-request = Zahtjev se ne može pročitati: očekuje se JSON objekt s dokumentiranim poljima.
problem-validation-failed = Neka polja nisu ispravno ispunjena.
problem-invalid-credentials = Pogrešno korisničko ime ili lozinka.
problem-invalid-token = Token nedostaje ili više ne vrijedi. Prijavite se ponovno.
problem-password-expired-expired = Vaša je lozinka istekla. Postavite novu.
problem-password-expired-administrative = Lozinku morate promijeniti. Poveznicu za promjenu dobit ćete e-poštom.
problem-password-expired-breached = Ova je lozinka poznata iz provale u drugu uslugu pa je morate promijeniti. Poveznicu za promjenu dobit ćete e-poštom.
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
problem-reset-link-unusable-withdrawn = Poveznica je povučena. Zatražite novu.
problem-reset-link-unusable-unknown = Poveznica nije valjana. Provjerite jeste li otvorili cijelu poveznicu ili zatražite novu.
problem-unavailable = Usluga trenutačno nije dostupna. Pokušajte ponovno za nekoliko trenutaka.
problem-internal-error = Došlo je do pogreške. Pokušajte ponovno kasnije.

field-required = Ovo je polje obavezno.
field-invalid_format = Korisničko ime je šesteroznamenkasti broj kupca.
field-customer_number_mismatch = Poveznica ne pripada ovom broju kupca.
field-passwords_differ = Lozinke se ne podudaraju.
field-incorrect_password = Trenutačna lozinka nije ispravna.
field-password_length = Lozinka ima od 1 do 128 znakova.

rule-too_short = Duljina lozinke: najmanje { $min_length } znakova.
rule-too_long = Duljina lozinke: najviše { $max_length } znakova.
rule-invalid_format = Bez kontrolnih znakova.
rule-missing_uppercase = Barem jedno veliko slovo (od { $below_length } znakova nadalje nije potrebno).
rule-missing_lowercase = Barem jedno malo slovo (od { $below_length } znakova nadalje nije potrebno).
rule-missing_digit = Barem jedna znamenka (od { $below_length } znakova nadalje nije potrebna).
rule-common_password = Lozinka ne smije biti među najčešćima.
rule-contains_customer_number = Lozinka se ne smije sastojati pretežno od broja kupca.
rule-contains_email = Lozinka se ne smije sastojati pretežno od vaše adrese e-pošte.
rule-contains_brand = Lozinka se ne smije sastojati pretežno od imena tvrtke ili usluge.
rule-published_example = Primjer iz uputa nije dopušten.
rule-breached_password = Lozinka ne smije biti poznata iz provala u druge usluge.
rule-same_as_current = Lozinka ne smije biti jednaka dosadašnjoj.
rule-used_recently = Lozinka ne smije biti jedna od zadnjih { $history } koje ste imali prije sadašnje.

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

date = { $day }. { $month }. { $year }.

mail-greeting = Poštovani,
mail-support = Pomoć: { $support_email }, { $support_phone }
mail-message-id = Oznaka poruke: { $message_id }
mail-reset-subject = STAkis: promjena lozinke
mail-reset-intro = primili smo zahtjev za promjenu lozinke za broj kupca koji završava na { $last_two }. Novu lozinku postavite putem ove poveznice:
mail-reset-button = Promjena lozinke
mail-reset-lifetime = Poveznica vrijedi { $lifetime } i može se iskoristiti jednom.
mail-reset-not-me = Niste to zatražili? Vaša lozinka ostaje kakva jest. Poveznicu možete povući:
mail-reset-not-me-without-link = Niste to zatražili? Vaša lozinka ostaje kakva jest, a ovu poruku možete zanemariti.
mail-reset-not-me-button = To nisam bio/bila ja
mail-changed-subject = STAkis: lozinka je promijenjena
mail-changed-intro = lozinka za broj kupca koji završava na { $last_two } promijenjena je. Sve druge prijave su završene; tamo se prijavite novom lozinkom.
mail-changed-not-me = To niste bili vi? Javite nam i odmah postavite novu lozinku.
mail-changed-not-me-button = Postavi novu lozinku
mail-device-subject = STAkis: prijava s novog uređaja
mail-device-intro = s brojem kupca koji završava na { $last_two } netko se prijavio s uređaja koji dosad nismo poznavali ({ $device }).
mail-device-unknown = nepoznat uređaj
mail-device-not-me = To niste bili ni vi ni vaši suradnici? Odmah postavite novu lozinku: time završavaju sve prijave.
mail-expiry-subject = STAkis: lozinka uskoro istječe
mail-expiry-intro = lozinka za broj kupca koji završava na { $last_two } vrijedi do { $date } Promijenite je prije toga kako vas istek ne bi prekinuo u radu.
mail-expiry-button = Promjena lozinke
mail-closed-subject = STAkis: pristup je onemogućen
mail-closed-intro = pristup STAkisu za broj kupca koji završava na { $last_two } onemogućen je. Sve su prijave završene i poveznice za promjenu lozinke više ne vrijede; nova lozinka ne vraća pristup.
mail-closed-contact = Imate pitanje ili mislite da je riječ o pogrešci? Pišite na { $support_email } ili nazovite { $support_phone }.
mail-reopened-subject = STAkis: pristup je ponovno omogućen
mail-reopened-intro = pristup STAkisu za broj kupca koji završava na { $last_two } ponovno je omogućen. Lozinka je ista kao prije; ako je se ne sjećate ili je istekla, na stranici za prijavu odaberite „Zaboravljena lozinka”.
mail-reopened-contact = Imate pitanje? Pišite na { $support_email } ili nazovite { $support_phone }.
mail-address-subject = STAkis: adresa e-pošte je promijenjena
mail-address-intro = adresa e-pošte na koju šaljemo poruke o prijavi i lozinci za broj kupca koji završava na { $last_two } promijenjena je. Na dosadašnju adresu više ih nećemo slati, a ranije poslane poveznice za promjenu lozinke više ne vrijede.
mail-address-not-me = Niste zatražili tu promjenu? Odmah pišite na { $support_email } ili nazovite { $support_phone }.

page-change-title = Promjena lozinke
page-request-title = Zaboravljena lozinka
page-withdraw-title = To nisam bio/bila ja
page-user-name = Korisničko ime
page-new-password = Nova lozinka
page-new-password-again = Ponovno unesite lozinku
page-submit = Pošalji
page-request-submit = Ponovno postavi lozinku
page-request-hint = Unesite šesteroznamenkasti broj kupca. Poveznicu za promjenu lozinke dobit ćete e-poštom.
page-withdraw-explanation = Ako niste zatražili promjenu lozinke, poveznicu iz poruke možete povući. Vaša lozinka ostaje kakva jest.
page-withdraw-submit = Povuci poveznicu
page-not-me-title = To nisam bio/bila ja
page-not-me-what = Netko je promijenio lozinku ili se prijavio s uređaja koji dosad nismo poznavali, a to niste bili ni vi ni vaši suradnici.
page-not-me-remedy = Nova lozinka završava sve prijave: unesite šesteroznamenkasti broj kupca i poveznicu za promjenu lozinke dobit ćete e-poštom.
page-not-me-support = Javite i nama: pišite na { $support_email } ili nazovite { $support_phone }.
page-no-token = Otvorite poveznicu iz poruke.
page-network-error = Poslužitelj nije dostupan. Pokušajte ponovno.
page-no-script = Uključite JavaScript za ovu stranicu ili pišite na { $support_email }.
