# Slovenščina. Kjer ima vodnik za kupce svoje besede, so tu iste.

reset-requested = Na vašo zahtevo za spremembo gesla bomo odgovorili v kratkem. Več informacij boste dobili na vaš e-poštni naslov.
password-replaced = Geslo je bilo zamenjano.
link-withdrawn = Povezava ne velja več. Vaše geslo je ostalo nespremenjeno.

problem-malformed-request = Zahteve ni mogoče prebrati: pričakovan je objekt JSON z dokumentiranimi polji.
problem-validation-failed = Nekatera polja niso pravilno izpolnjena.
problem-invalid-credentials = Uporabniško ime ali geslo ni pravilno.
problem-invalid-token = Žeton manjka ali ne velja več. Prijavite se znova.
problem-password-expired-expired = Vaše geslo je poteklo. Nastavite novo.
problem-password-expired-administrative = Geslo morate zamenjati. Povezavo za spremembo gesla boste prejeli po e-pošti.
problem-password-expired-breached = To geslo je znano iz vdora v drugo storitev, zato ga morate zamenjati. Povezavo za spremembo gesla boste prejeli po e-pošti.
problem-rate-limited = Preveč poskusov. Počakajte nekaj časa in poskusite znova.
problem-account-closed = Vaš dostop je zaprt. Pišite na { $support_email } ali pokličite { $support_phone }.
problem-not-found = Na tem naslovu ni ničesar.
problem-method-not-allowed = Ta naslov ne podpira te metode.
problem-not-acceptable = Odgovor je na voljo samo kot application/json.
problem-conflict = To že obstaja ali pa se ista zahteva še obdeluje.
problem-payload-too-large = Zahteva je prevelika.
problem-unsupported-media-type = Vsebina zahteve mora biti application/json.
problem-reset-link-unusable-expired = Povezava je potekla. Zahtevajte novo.
problem-reset-link-unusable-used = Povezava je že bila uporabljena. Zahtevajte novo, če geslo še vedno ne deluje.
problem-reset-link-unusable-withdrawn = Povezava je bila preklicana. Zahtevajte novo.
problem-reset-link-unusable-unknown = Povezava ni veljavna. Preverite, ali ste odprli celotno povezavo, ali pa zahtevajte novo.
problem-unavailable = Storitev trenutno ni na voljo. Poskusite znova čez nekaj trenutkov.
problem-internal-error = Prišlo je do napake. Poskusite znova pozneje.

field-required = To polje je obvezno.
field-invalid_format = Uporabniško ime je šestmestna šifra stranke.
field-customer_number_mismatch = Povezava ne pripada tej šifri stranke.
field-passwords_differ = Gesli se ne ujemata.
field-incorrect_password = Trenutno geslo ni pravilno.
field-password_length = Geslo ima od 1 do 128 znakov.

rule-too_short = Dolžina gesla: najmanj { $min_length } znakov.
rule-too_long = Dolžina gesla: največ { $max_length } znakov.
rule-invalid_format = Brez krmilnih znakov.
rule-missing_uppercase = Vsaj ena velika črka (pri { $below_length } ali več znakih ni potrebna).
rule-missing_lowercase = Vsaj ena mala črka (pri { $below_length } ali več znakih ni potrebna).
rule-missing_digit = Vsaj ena števka (pri { $below_length } ali več znakih ni potrebna).
rule-common_password = Geslo ne sme biti med najpogostejšimi.
rule-contains_customer_number = Geslo ne sme biti sestavljeno predvsem iz šifre stranke.
rule-contains_email = Geslo ne sme biti sestavljeno predvsem iz vašega e-poštnega naslova.
rule-contains_brand = Geslo ne sme biti sestavljeno predvsem iz imena podjetja ali storitve.
rule-published_example = Primer iz navodil ni dovoljen.
rule-breached_password = Geslo ne sme biti znano iz vdorov v druge storitve.
rule-same_as_current = Geslo ne sme biti enako dosedanjemu.
rule-used_recently = Geslo ne sme biti eno od zadnjih { $history } pred dosedanjim.

lifetime-minutes =
    { $minutes ->
        [one] { $minutes } minuto
        [two] { $minutes } minuti
        [few] { $minutes } minute
       *[other] { $minutes } minut
    }
lifetime-seconds =
    { $seconds ->
        [one] { $seconds } sekundo
        [two] { $seconds } sekundi
        [few] { $seconds } sekunde
       *[other] { $seconds } sekund
    }

date = { $day }. { $month }. { $year }

mail-greeting = Pozdravljeni,
mail-support = Pomoč: { $support_email }, { $support_phone }
mail-message-id = Oznaka sporočila: { $message_id }
mail-reset-subject = STAkis: sprememba gesla
mail-reset-intro = prejeli smo zahtevo za spremembo gesla za šifro stranke, ki se konča na { $last_two }. Novo geslo nastavite s to povezavo:
mail-reset-button = Sprememba gesla
mail-reset-lifetime = Povezava velja { $lifetime } in jo lahko uporabite enkrat.
mail-reset-not-me = Spremembe niste zahtevali? Vaše geslo ostaja nespremenjeno. Povezavo lahko prekličete:
mail-reset-not-me-without-link = Spremembe niste zahtevali? Vaše geslo ostaja nespremenjeno; sporočilo lahko zavržete.
mail-reset-not-me-button = Tega nisem zahteval/-a
mail-changed-subject = STAkis: geslo je bilo zamenjano
mail-changed-intro = geslo za šifro stranke, ki se konča na { $last_two }, je bilo zamenjano. Vse druge prijave so končane; tam se prijavite z novim geslom.
mail-changed-not-me = Tega niste storili vi? Obvestite nas in takoj nastavite novo geslo.
mail-changed-not-me-button = Nastavi novo geslo
mail-device-subject = STAkis: prijava z nove naprave
mail-device-intro = s šifro stranke, ki se konča na { $last_two }, se je nekdo prijavil z naprave, ki je doslej nismo poznali ({ $device }).
mail-device-unknown = neznana naprava
mail-device-not-me = To niste bili ne vi ne vaši sodelavci? Takoj nastavite novo geslo: s tem se končajo vse prijave.
mail-expiry-subject = STAkis: geslo kmalu poteče
mail-expiry-intro = geslo za šifro stranke, ki se konča na { $last_two }, velja do { $date }. Zamenjajte ga že prej, da vas potek ne zmoti pri delu.
mail-expiry-button = Sprememba gesla
mail-closed-subject = STAkis: dostop je zaprt
mail-closed-intro = dostop do STAkisa za šifro stranke, ki se konča na { $last_two }, je zaprt. Vse prijave so končane in povezave za spremembo gesla ne veljajo več; novo geslo dostopa ne odpre.
mail-closed-contact = Imate vprašanje ali menite, da gre za pomoto? Pišite na { $support_email } ali pokličite { $support_phone }.
mail-reopened-subject = STAkis: dostop je spet odprt
mail-reopened-intro = dostop do STAkisa za šifro stranke, ki se konča na { $last_two }, je spet odprt. Geslo je ostalo nespremenjeno; če se ga ne spomnite ali je poteklo, na strani za prijavo izberite »Pozabljeno geslo«.
mail-reopened-contact = Imate vprašanje? Pišite na { $support_email } ali pokličite { $support_phone }.
mail-address-subject = STAkis: e-poštni naslov je bil spremenjen
mail-address-intro = e-poštni naslov, na katerega pošiljamo sporočila o prijavi in geslu za šifro stranke, ki se konča na { $last_two }, je bil spremenjen. Na dosedanji naslov jih ne bomo več pošiljali, prej poslane povezave za spremembo gesla pa ne veljajo več.
mail-address-not-me = Te spremembe niste naročili? Takoj pišite na { $support_email } ali pokličite { $support_phone }.

page-change-title = Sprememba gesla
page-request-title = Pozabljeno geslo
page-withdraw-title = Tega nisem zahteval/-a
page-user-name = Uporabniško ime
page-new-password = Novo geslo
page-new-password-again = Ponovno vnesite geslo
page-submit = Pošiljanje
page-request-submit = Ponastavi
page-request-hint = Vnesite šestmestno šifro stranke. Povezavo za spremembo gesla boste dobili po e-pošti.
page-withdraw-explanation = Če spremembe gesla niste zahtevali vi, lahko povezavo iz sporočila prekličete. Vaše geslo ostane nespremenjeno.
page-withdraw-submit = Prekliči povezavo
page-not-me-title = To nisem bil/-a jaz
page-not-me-what = Nekdo je zamenjal geslo ali se prijavil z naprave, ki je doslej nismo poznali, in to niste bili ne vi ne vaši sodelavci.
page-not-me-remedy = Novo geslo konča vse prijave: vnesite šestmestno šifro stranke in povezavo za spremembo gesla boste dobili po e-pošti.
page-not-me-support = Obvestite tudi nas: pišite na { $support_email } ali pokličite { $support_phone }.
page-no-token = Odprite povezavo iz sporočila.
page-network-error = Strežnik ni dosegljiv. Poskusite znova.
page-no-script = Za to stran vklopite JavaScript ali pišite na { $support_email }.
