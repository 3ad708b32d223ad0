# Slovenščina. Kjer ima vodnik za kupce svoje besede, so tu iste.

reset-requested = Na vašo zahtevo za spremembo gesla bomo odgovorili v kratkem. Več informacij boste dobili na vaš e-poštni naslov.
password-replaced = Geslo je bilo zamenjano.
link-withdrawn = Povezava ne velja več. Vaše geslo je ostalo nespremenjeno.

problem-malformed-request = Zahteve ni mogoče prebrati: pričakovan je objekt JSON z dokumentiranimi polji.
problem-validation-failed = Nekatera polja niso pravilno izpolnjena.
problem-invalid-credentials = Uporabniško ime ali geslo ni pravilno.
problem-invalid-token = Niste prijavljeni ali pa je prijava potekla. Prijavite se znova.
problem-forbidden = Ta klic tu ni dovoljen.
problem-insufficient-scope = Žeton za to nima potrebne pravice. Zahtevajte žeton s pravico, ki jo navaja dokumentacija.
problem-password-expired-expired = Vaše geslo je poteklo. Nastavite novo.
problem-password-expired-administrative = Geslo morate zamenjati. Povezavo za spremembo gesla boste prejeli po e-pošti.
problem-password-expired-breached = To geslo je znano iz vdora v drugo storitev, zato ga morate zamenjati. Povezavo za spremembo gesla boste prejeli po e-pošti.
problem-challenge-required = Trenutno preverjamo, ali zahteve pošilja program. Osvežite stran in poskusite znova.
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
field-invalid_email = To ni veljaven e-poštni naslov.
field-customer_number_mismatch = Povezava ne pripada tej šifri stranke.
field-passwords_differ = Gesli se ne ujemata.
field-incorrect_password = Trenutno geslo ni pravilno.
field-password_length = Geslo ima od 1 do 128 znakov.

rule-too_short = Dolžina gesla: najmanj { $min_length } znakov.
rule-too_long = Dolžina gesla: največ { $max_length } znakov.
rule-invalid_format = Geslo ne sme vsebovati nevidnih (kontrolnih) znakov.
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
rule-used_recently =
    { $history ->
        [1] Geslo ne sme biti enako tistemu pred dosedanjim.
       *[other] Geslo ne sme biti enako nobenemu od zadnjih { $history } gesel pred dosedanjim.
    }

lifetime-hours =
    { $hours ->
        [one] { $hours } uro
        [two] { $hours } uri
        [few] { $hours } ure
       *[other] { $hours } ur
    }
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

moment = { $date } ob { $time }

mail-greeting = Pozdravljeni,
mail-closing = Lep pozdrav
mail-support = Pomoč: { $support_email }, { $support_phone }
mail-message-id = Oznaka sporočila: { $message_id }
mail-fact-time = Čas
mail-fact-requested = Čas zahteve
mail-fact-device = Naprava
mail-fact-device-unknown = neznana naprava
mail-fact-number = Šifra stranke
mail-fact-number-end = se konča na { $last_two }
mail-fact-expiry = Geslo velja do
mail-fact-expired = Geslo je veljalo do
mail-not-me-title = Tega niste storili vi?
mail-question-title = Imate vprašanje?
mail-question = Pišite na { $support_email } ali pokličite { $support_phone }.
mail-reset-subject = { $brand }: sprememba gesla
mail-reset-title = Sprememba gesla
mail-reset-intro = prejeli smo zahtevo za spremembo gesla. Novo geslo nastavite s spodnjo povezavo.
mail-reset-button = Sprememba gesla
mail-reset-lifetime = Povezava velja { $lifetime } in jo lahko uporabite samo enkrat.
mail-reset-not-me = Vaše geslo ostaja nespremenjeno. Povezavo lahko prekličete.
mail-reset-not-me-without-link = Vaše geslo ostaja nespremenjeno; sporočilo lahko zavržete.
mail-reset-withdraw = Spremembe nismo zahtevali
mail-changed-subject = { $brand }: geslo je bilo zamenjano
mail-changed-title = Geslo je bilo zamenjano
mail-changed-intro = geslo za vaš dostop je bilo zamenjano. Vse druge naprave so odjavljene; tam se prijavite z novim geslom.
mail-changed-not-me = Takoj nastavite novo geslo in nas obvestite.
mail-changed-button = Nastavi novo geslo
mail-device-subject = { $brand }: prijava z nove naprave
mail-device-title = Prijava z nove naprave
mail-device-intro = nekdo se je prijavil v vaš dostop z naprave, ki je doslej nismo poznali. Če ste bili to vi ali kdo od sodelavcev, vam ni treba storiti ničesar.
mail-device-not-me = Če tudi od sodelavcev ni bil nihče, takoj nastavite novo geslo: s tem boste odjavili vse naprave.
mail-devices-subject = { $brand }: dodatne prijave z novih naprav
mail-devices-title = Dodatne prijave z novih naprav
mail-devices-intro = v vaš dostop je bilo še več prijav z naprav, ki jih doslej nismo poznali. Da se vaš poštni predal ne napolni, o posameznih prijavah nekaj časa (največ en dan) ne bomo več pošiljali sporočil.
mail-devices-sessions = Na strani »Moj dostop« vidite vse prijavljene naprave in lahko odjavite tiste, ki jih ne prepoznate.
mail-devices-sessions-link = Prikaži prijavljene naprave
mail-expiry-subject = { $brand }: geslo kmalu poteče
mail-expiry-title = Geslo kmalu poteče
mail-expiry-intro = vaše geslo velja samo še do { $date }.
mail-expiry-advice = Zamenjajte ga že prej, da vas potek ne zmoti pri delu.
mail-expiry-button = Sprememba gesla
mail-expired-subject = { $brand }: geslo je poteklo
mail-expired-title = Geslo je poteklo
mail-expired-intro = vaše geslo je veljalo do { $date }.
mail-expired-advice = Ob naslednji prijavi boste morali nastaviti novo; nastavite ga lahko že zdaj.
mail-closed-subject = { $brand }: dostop je zaprt
mail-closed-title = Dostop je zaprt
mail-closed-intro = vaš dostop je zaprt. Vse naprave so odjavljene in povezave za spremembo gesla ne veljajo več; novo geslo dostopa ne odpre.
mail-closed-question-title = Imate vprašanje ali menite, da gre za pomoto?
mail-reopened-subject = { $brand }: dostop je spet odprt
mail-reopened-title = Dostop je spet odprt
mail-reopened-intro = v svoj dostop se lahko spet prijavite.
mail-reopened-password = Geslo je ostalo nespremenjeno; če se ga ne spomnite ali je poteklo, na strani za prijavo izberite »Pozabljeno geslo«.
mail-address-subject = { $brand }: e-poštni naslov je bil spremenjen
mail-address-title = E-poštni naslov je bil spremenjen
mail-address-intro = e-poštni naslov, na katerega pošiljamo sporočila o prijavi in geslu, je bil spremenjen. Na dosedanji naslov jih ne bomo več pošiljali, prej poslane povezave za spremembo gesla pa ne veljajo več.
mail-address-not-me = Takoj pišite na { $support_email } ali pokličite { $support_phone }.

page-change-title = Sprememba gesla
page-request-title = Pozabljeno geslo
page-withdraw-title = Spremembe nismo zahtevali
page-user-name = Uporabniško ime
page-new-password = Novo geslo
page-new-password-again = Ponovno vnesite geslo
page-submit = Pošiljanje
page-request-submit = Ponastavi
page-request-hint = Vnesite šestmestno šifro stranke. Povezavo za spremembo gesla boste dobili po e-pošti.
page-withdraw-explanation = Če spremembe gesla niste zahtevali vi, lahko povezavo iz sporočila prekličete: vpišite svoje uporabniško ime. Vaše geslo ostane nespremenjeno.
page-withdraw-submit = Prekliči povezavo
page-not-me-title = To nismo bili mi
page-not-me-what = Nekdo je zamenjal geslo ali se prijavil z naprave, ki je doslej nismo poznali, in to niste bili ne vi ne vaši sodelavci.
page-not-me-remedy = Z novim geslom boste odjavili vse naprave: vnesite šestmestno šifro stranke in povezavo za spremembo gesla boste dobili po e-pošti.
page-not-me-support = Obvestite tudi nas:
page-no-token = Odprite povezavo iz sporočila.
page-network-error = Strežnik trenutno ne more odgovoriti. Poskusite znova čez nekaj trenutkov.
page-no-script = Za to stran vklopite JavaScript ali nam pišite ali nas pokličite:
page-sign-in-title = Prijava
page-sign-in-submit = Prijava
page-password = Geslo
page-current-password = Trenutno geslo
page-show-password = Pokaži geslo
page-strength = Moč gesla:
page-strength-words = majhna|srednja|velika|zelo velika
page-rule-met = izpolnjeno
page-other-rules = Druga pravila
page-done-sign-in = Na prijavo
page-back-to-sign-in = Nazaj na prijavo
page-resend-in = Novo sporočilo lahko zahtevate { $time }.
page-session-over = Odjavljeni ste. Prijavite se znova.
page-no-storage = Vaš brskalnik tej strani ne dovoli shranjevanja podatkov, zato prijava ni mogoča. Za to stran dovolite piškotke in podatke spletnega mesta, nato se prijavite znova.
page-account-title = Moj dostop
page-email = E-poštni naslov
page-no-email = ni vpisan
page-last-sign-in = Zadnja prijava
page-password-changed = Geslo zamenjano
page-password-expires = Geslo velja do
page-advice-password_age = Gesla že dolgo niste zamenjali.
page-advice-many_devices = S tem geslom se prijavlja veliko naprav.
page-advice-many_failures = V zadnjem času je bilo veliko neuspelih prijav.
page-advice-change = Priporočamo, da geslo zamenjate.
page-sessions = Prijavljene naprave
page-session-current = ta naprava
page-session-times = prijava: { $created }; zadnja uporaba: { $used }
page-session-end = Odjavi
page-session-ended = Naprava je odjavljena.
page-session-end-others = Odjavi vse druge naprave
page-sessions-ended = Vse druge naprave so odjavljene.
page-sign-out = Odjava
page-retry = Poskusi znova
page-language = Jezik
page-starting = Stran se nalaga. Če se nič ne prikaže, jo naložite znova.
page-purpose = Spletni katalog delov za delavnice
page-help = Pomoč:
page-imprint = Kolofon
page-privacy = Zasebnost
page-steps = Koraki
page-step-1 = Zahteva
page-step-2 = E-pošta
page-step-3 = Novo geslo
page-step-4 = Prijava
page-sending = Pošiljam …
page-offline = Ni povezave z internetom. Ko bo spet na voljo, bomo poslali znova.
page-caps-lock = Vklopljene so velike črke (Caps Lock).
page-wait = Preveč poskusov. Poskusite znova { $time }.
page-wait-way = Takoj pa lahko nastavite novo geslo in se prijavite z njim:
page-wait-over = zdaj
page-request-again = Pošlji znova
page-rules-classes = Vsaj { $min_length } znakov z veliko in malo črko in števko – ali vsaj { $below_length } poljubnih znakov.
page-rules-length = Vsaj { $min_length } znakov.
page-no-mail-title = Sporočila ni?
page-no-mail-wait = Počakajte pet minut.
page-no-mail-spam = Poglejte v mapo z neželeno pošto.
page-no-mail-others = Poglejte tudi v druge e-poštne predale podjetja.
page-no-mail-orders = Poiščite predal, v katerega dobivate potrditve naročil.
page-no-mail-support = Še vedno nič? Pišite ali pokličite ter navedite šifro stranke in e-poštni naslov:
page-no-token-again = Odprite povezavo iz sporočila ali zahtevajte novo.
page-home = V katalog
page-not-found-title = Te strani ni
page-not-found-what = Naslov ni pravilen ali pa strani ni več.
page-wrong-fields =
    { $count ->
        [one] Popravite { $count } polje.
        [two] Popravite { $count } polji.
        [few] Popravite { $count } polja.
       *[other] Popravite { $count } polj.
    }

# Razlage za podporo: prvi stavek je za stranko, »-next« je naslednji korak za podporo.
finding-no_such_customer = Uporabnika s to šifro stranke ni; preverite, ali ste vnesli pravih šest števk.
finding-no_such_customer-next = Šifro stranke preverite na računu ali potrditvi naročila; če je prava, stranki najprej uredite dostop.
finding-account_closed = Dostop za to šifro stranke je zaprt, zato povezave za spremembo gesla ne pošiljamo.
finding-account_closed-next = Dostop je bil zaprt { $at } in z novim geslom se ne odpre: razloga stranki ne navajajte, o ponovnem odprtju pa naj odloči skrbnik.
finding-no_email_on_file = Za to šifro stranke nimamo e-poštnega naslova, zato vam povezave za spremembo gesla ne moremo poslati.
finding-no_email_on_file-next = Preverite, ali govorite s pravo osebo, poskrbite za vpis e-poštnega naslova, stranka pa naj nato znova izbere »Pozabljeno geslo«.
finding-email_differs = Navedli ste drugačen e-poštni naslov od tistega, ki ga imamo za to šifro stranke in na katerega pošiljamo sporočila.
finding-email_differs-next = Pri tej šifri stranke je vpisan naslov { $masked_email }: stranka naj pogleda v ta poštni predal, ali pa se prepričajte, s kom govorite, in poskrbite za vpis novega naslova.
finding-no_request_received = Za to šifro stranke ni odprte zahteve za spremembo gesla; izberite »Pozabljeno geslo«.
finding-no_request_received-next = Stranka naj na strani za prijavo izbere »Pozabljeno geslo«, vnese svojo šifro stranke, pritisne »Ponastavi« in počaka pet minut.
finding-request_swallowed = Zahtev je bilo v kratkem času več, zato na zadnjo nismo poslali novega sporočila; uporabite povezavo iz prejšnjega ali pošljite novo zahtevo po { $until }.
finding-request_swallowed-next = Na zahtevo kmalu po prejšnji ali ob treh še veljavnih povezavah ne pošljemo novega sporočila: stranka naj poišče prejšnje ali poskusi znova po { $until }.
finding-mail_limit_reached = V kratkem času je bilo zahtevanih preveč sporočil, zato na zadnjo zahtevo nismo poslali nobenega; čez eno uro prosimo znova izberite »Pozabljeno geslo«.
finding-mail_limit_reached-next = Omejitev sporočil za to šifro stranke, za ta poštni predal ali za vse stranke je izčrpana: stranka naj čez eno uro poskusi znova, po možnosti prek druge internetne povezave; če se to zgodi več strankam, obvestite skrbnika sistema.
finding-mail_waiting = Sporočilo s povezavo je pripravljeno in bo odposlano v kratkem.
finding-mail_waiting-next = Čez nekaj minut poglejte znova; če sporočilo še vedno čaka, obvestite skrbnika sistema.
finding-mail_provider_down = Pri pošiljanju e-pošte imamo trenutno težave; sporočilo bo samodejno odposlano, brž ko bodo odpravljene.
finding-mail_provider_down-next = Pošiljanje ponavljamo do { $until } (dosedanji poskusi: { $count }, zadnji odgovor: { $detail }); obvestite skrbnika sistema, stranki pa ni treba poslati nove zahteve.
finding-mail_refused = Sporočila na vaš e-poštni naslov nismo mogli odposlati.
finding-mail_refused-next = Naš ponudnik pošte je sporočilo zavrnil ({ $detail }): preverite, ali je e-poštni naslov pravilno vpisan, in obvestite skrbnika sistema.
finding-address_suppressed = Na vaš e-poštni naslov trenutno ne moremo pošiljati, ker so bila prejšnja sporočila zavrnjena.
finding-address_suppressed-next = Naslov je na našem seznamu zavrnjenih ({ $detail }): preverite, ali strankin poštni predal deluje, nato naj skrbnik sistema naslov odstrani s seznama (stakis-identity account lift-suppression) ali pa poskrbite za vpis drugega; pred tem nova povezava ne bo prispela.
finding-mail_bounced = Vaš poštni strežnik je naše sporočilo { $at } zavrnil.
finding-mail_bounced-next = Odgovor strežnika: { $detail }; s stranko preverite e-poštni naslov in poštni predal, nato naj znova izbere »Pozabljeno geslo«.
finding-mail_bounced-next-without-asking = Odgovor strežnika: { $detail }; s stranko preverite e-poštni naslov in poštni predal.
finding-mail_deferred = Vaš poštni strežnik je sprejem našega sporočila odložil; dostava se samodejno ponavlja, zato lahko prispe z zamudo.
finding-mail_deferred-next = Odgovor strežnika: { $detail }; počakajte približno pol ure, in če povezava ob prihodu sporočila ne velja več, naj stranka zahteva novo.
finding-mail_delivered = Vaš poštni strežnik je sporočilo { $at } sprejel; poglejte tudi med neželeno pošto in v druge mape.
finding-mail_delivered-next = Stranka naj sporočilo poišče v vseh mapah in pri sodelavcih z istim predalom, njen skrbnik pošte pa v karanteni strežnika.
finding-mail_handed_over_unconfirmed = Sporočilo smo { $at } predali v dostavo, potrdila o dostavi pa še nimamo; poglejte tudi med neželeno pošto.
finding-mail_handed_over_unconfirmed-next = Čez nekaj minut poglejte znova; če potrdila in sporočila še vedno ni, naj stranka znova izbere »Pozabljeno geslo«.
finding-mail_complained = Eno od naših sporočil je bilo v vašem poštnem predalu označeno kot neželena pošta, zato naslednja morda ne bodo prispela.
finding-mail_complained-next = Stranka naj naš naslov doda med varne pošiljatelje, skrbnik sistema pa naj preveri, ali je njen naslov na seznamu zavrnjenih.
finding-mail_abandoned = Sporočila nam v predvidenem času ni uspelo odposlati, zato znova izberite »Pozabljeno geslo«.
finding-mail_abandoned-next = Pošiljanje smo opustili { $at }: pri skrbniku sistema preverite, ali spet deluje, nato naj stranka pošlje novo zahtevo.
finding-mail_dropped = Sporočila nismo poslali, ker povezava v njem medtem ni več veljala.
finding-mail_dropped-next = Pred pošiljanjem je povezava prenehala veljati, dostop je bil zaprt ali e-poštni naslov spremenjen (glejte časovni potek); če ovire ni več, naj stranka znova izbere »Pozabljeno geslo«.
finding-link_opened_by_scanner = Povezavo je { $at } samodejno odprl varnostni program; s tem se ni porabila in jo še vedno lahko uporabite.
finding-link_opened_by_scanner-next = Sporočilo je torej prišlo do strankinega poštnega sistema: stranka naj ga poišče v vseh mapah in v karanteni.
finding-link_opened = Povezava iz sporočila je bila { $at } odprta, geslo pa z njo še ni bilo zamenjano.
finding-link_opened-next = Vprašajte, kdo v delavnici je odprl stran in katero polje je rdeče: vnesti je treba šifro stranke in dvakrat isto novo geslo ter pritisniti »Pošiljanje«.
finding-link_used = Geslo je bilo s povezavo iz sporočila zamenjano { $at }; prijavite se z novim geslom.
finding-link_used-next = Vprašajte, ali je geslo zamenjal sodelavec; če ga ni zamenjal nihče od njih, naj stranka takoj znova izbere »Pozabljeno geslo« in zavaruje svoj poštni predal.
finding-link_expired = Povezava je potekla { $at }; znova izberite »Pozabljeno geslo«.
finding-link_expired-next = Stranka naj zahteva novo povezavo in jo uporabi takoj, ko sporočilo prispe; če sporočila prihajajo z zamudo, preverite še dostavo.
finding-link_withdrawn = Povezava ne velja več, ker je bila { $at } preklicana; znova izberite »Pozabljeno geslo«.
finding-link_withdrawn-next = Povezava se prekliče z izbiro »Spremembe nismo zahtevali« v sporočilu, po več napačnih vnosih, z zamenjavo gesla, zaprtjem dostopa ali spremembo e-poštnega naslova; če stranka za to ne ve, vprašajte, kdo še bere njen poštni predal.
finding-password_already_changed = Geslo za to šifro stranke je bilo { $at } že zamenjano, zato prejšnje povezave ne veljajo več.
finding-password_already_changed-next = Vprašajte, ali je geslo zamenjal sodelavec, ki ga drugim še ni povedal; če ga ni zamenjal nihče, naj stranka takoj znova izbere »Pozabljeno geslo«.
finding-sign_in_throttled = Zaradi več napačnih poskusov je prijava do { $until } upočasnjena; če izberete »Pozabljeno geslo«, se lahko z novim geslom prijavite tudi prej.
finding-sign_in_throttled-next = Število napačnih poskusov: { $count }; če niso strankini, nekdo ugiba geslo, zato naj stranka prek »Pozabljeno geslo« nastavi novo, močno geslo.
finding-email_changed_cooling_off = E-poštni naslov za to šifro stranke je bil { $at } spremenjen, zato do { $until } iz varnostnih razlogov ne pošiljamo povezav za spremembo gesla.
finding-email_changed_cooling_off-next = Stranka naj poskusi znova po { $until }, vi pa se medtem prepričajte, da je spremembo naslova res zahtevala ona.

smtp-mailbox_unknown = tega poštnega predala ni
smtp-mailbox_full = poštni predal je poln
smtp-domain_unknown = domena e-poštnega naslova ne obstaja ali ne sprejema pošte
smtp-policy = strežnik sporočilo zavrača po svojih pravilih (varnostni filter ali ugled pošiljatelja)
smtp-content = strežnik zavrača vsebino ali velikost sporočila
smtp-listed = naslov je na ponudnikovem lastnem seznamu zavrnjenih
smtp-greylisted = strežnik sprejem začasno odlaga, dostava se samodejno ponovi
smtp-other = strežnik navaja drug razlog

reason-no_mail_api = noben ponudnik pošte trenutno ne deluje
reason-timeout = ponudnik pošte ni odgovoril pravočasno
reason-no_connection = povezava s ponudnikom pošte ni uspela
reason-no_secure_connection = varna povezava s ponudnikom pošte ni uspela
reason-odd_answer = odgovora ponudnika pošte ni mogoče prebrati
reason-wrong_settings = nastavitve za ponudnika pošte niso pravilne
reason-no_key = strežnik še nima ključa za povezavo v sporočilu
reason-several_recipients = vpisani naslov ni naslov enega samega predala
reason-http = ponudnik pošte je odgovoril s kodo { $status }
reason-http-named = ponudnik pošte je odgovoril s kodo { $status } ({ $code })

# Časovni potek za podporo: dogodek, za dvopičjem podrobnost.
timeline-line = { $event }: { $detail }
timeline-times = { $line } ({ $count }×)
timeline-reset_requested = Zahtevana je bila sprememba gesla
timeline-reset_processed = Zahteva je bila obdelana
timeline-reset_swallowed = Zahteva ni sprožila novega sporočila
timeline-reset_verified = Povezava je bila prvič odprta
timeline-reset_consumed = S povezavo je bilo nastavljeno novo geslo
timeline-reset_withdrawn = Povezava je bila preklicana
timeline-reset_link_expired = Povezava je potekla
timeline-mail_handed_over = Sporočilo je bilo predano v dostavo
timeline-mail_deferred = Sporočila še ni bilo mogoče predati, poskus se bo ponovil
timeline-mail_given_up = Sporočilo ne bo odposlano
timeline-mail_delivery = Poročilo o dostavi
timeline-mail_suppression_lifted = Naslov je bil odstranjen s seznama zavrnjenih
timeline-authn_password_change = Geslo je bilo zamenjano
timeline-user_closed = Dostop je bil zaprt
timeline-user_reopened = Dostop je bil znova odprt
timeline-user_email_changed = E-poštni naslov je bil spremenjen
timeline-detail-link_made = povezava je bila pripravljena, sporočilo pa uvrščeno v odpremo
timeline-detail-renewed = sporočilo na prejšnjo zahtevo je še čakalo na odpremo
timeline-detail-cooldown = prekmalu po prejšnjem sporočilu
timeline-detail-enough_links = veljale so še tri povezave
timeline-detail-no_account = uporabnika s to šifro stranke ni
timeline-detail-closed = dostop je bil zaprt
timeline-detail-no_email = e-poštni naslov ni bil vpisan
timeline-detail-cooling_off = e-poštni naslov je bil pred kratkim spremenjen
timeline-detail-suppressed = pošiljanje na naslov je bilo ustavljeno
timeline-detail-repeated = ponovitev zahteve, ki ni vodila do nikogar
timeline-detail-stale = zahteva ni bila obdelana v 24 urah
timeline-detail-mail_budget = omejitev števila sporočil je bila izčrpana
timeline-detail-not_me = z izbiro »Spremembe nismo zahtevali« v sporočilu
timeline-detail-wrong_numbers = preveč napačnih šifer stranke
timeline-detail-refused_passwords = preveč zavrnjenih gesel
timeline-detail-hard_bounce = naslov je prejšnja sporočila zavrnil
timeline-detail-complaint = prejšnje sporočilo je bilo označeno kot neželena pošta
timeline-detail-not_taken = ponudnik pošte ga ni prevzel pravočasno
timeline-detail-not_one_recipient = naslov ni naslov enega prejemnika
timeline-detail-link_ended = povezava v njem ni več veljala
timeline-detail-account_closed = dostop je bil zaprt
timeline-detail-password_changed = geslo je bilo medtem zamenjano
timeline-detail-address_changed = e-poštni naslov je bil medtem spremenjen
timeline-detail-no_expiry = gesla ne potečejo več
timeline-detail-attempt = poskus { $count }, { $detail }
timeline-detail-with_code = { $detail } ({ $code })
timeline-detail-deferred = strankin strežnik je sprejem odložil
timeline-detail-bounced_soft = strankin strežnik sporočila tokrat ni sprejel
timeline-detail-bounced_hard = strankin strežnik je sporočilo zavrnil
timeline-detail-delivered = strankin strežnik je sporočilo sprejel
timeline-detail-complained = prejemnik ga je označil kot neželeno pošto

# Stran za podporo.
support-title = Podpora
support-lead = Zakaj stranka ni dobila sporočila za novo geslo?
support-language = Jezik strani
support-no-script = Za to stran vklopite JavaScript.
support-network-error = Strežnik trenutno ne more odgovoriti. Poskusite znova čez nekaj trenutkov.
support-sign-in-title = Prijava za podporo
support-sign-in-hint = Vpišite podatka, ki ste ju dobili od skrbnika sistema. Skrivnost se na tej strani ne shrani.
support-client-id = Oznaka (client_id)
support-client-secret = Skrivnost (client_secret)
support-sign-in = Prijava
support-signed-in-as = Prijavljeni ste kot
support-sign-out = Odjava
support-signed-out = Odjavljeni ste.
support-session-over = Prijava je potekla. Prijavite se znova.
support-wrong-client = Oznaka ali skrivnost ni pravilna, ali pa je bila preklicana.
support-no-person = S to oznako se tu ni mogoče prijaviti, ker pripada programu. Skrbnik sistema naj vam izda osebno.
support-wait = Preveč poskusov. Poskusite znova čez { $time }.
support-number = Šifra stranke
support-number-hint = Šest števk, kot jih pove stranka.
support-email = E-poštni naslov (neobvezno)
support-email-hint = Naslov, na katerem stranka čaka na sporočilo. Le če se ujema z vpisanim, smete stranki povedati ugotovitve.
support-answer-language = Jezik odgovora
support-ask = Poišči vzrok
support-asking = Iščem …
support-findings = Ugotovitve
support-findings-found = Ugotovitve za šifro { $number }
support-severity-blocking = Ovira
support-severity-warning = Opozorilo
support-severity-info = Pojasnilo
support-say = Povejte stranki
support-say-nothing = Stranki tega ne povejte: naslov, ki ga je navedla, ni naslov, ki ga imamo.
support-say-unasked = Stranki tega še ne povejte: vprašajte jo za e-poštni naslov in poiščite vzrok znova.
support-copy = Kopiraj
support-copied = Kopirano
support-copy-failed = Ni uspelo, kopirajte ročno
support-next = Naslednji korak
support-timeline = Časovni potek
support-timeline-note = Zadnjih 30 dni, po slovenskem času.
support-timeline-time = Čas
support-timeline-what = Dogodek
support-timeline-empty = V zadnjih 30 dneh ni bilo ničesar.
support-acts = Ukrepi
support-act-unlock = Sprosti prijavo
support-act-unlock-confirm = Napačni poskusi za to šifro stranke se izbrišejo in prijava ni več upočasnjena.
support-act-resend = Pošlji novo sporočilo
support-act-resend-confirm = Na vpisani naslov gre novo sporočilo s povezavo za spremembo gesla.
support-act-lift = Znova pošiljaj na naslov
support-act-lift-confirm = Na naslov, ki je sporočila zavrnil, spet pošiljamo. Najprej preverite, ali strankin predal deluje.
support-act-lock-down = Zakleni dostop
support-act-lock-down-confirm = Vse prijave, naprave in povezave prenehajo veljati, na vpisani naslov pa gre sporočilo za novo geslo.
support-act-caller = Preveri klicatelja
support-act-caller-confirm = Stranka dobi šestmestno kodo in vam jo prebere.
support-act-reason = Razlog
support-act-reason-hint = Od 1 do 200 znakov; shrani se v revizijsko sled.
support-act-deliver-to = Koda se pokaže
support-act-deliver-page = na strani prijavljene stranke
support-act-deliver-mail = v sporočilu na vpisani naslov
support-act-code = Koda, ki jo prebere stranka
support-act-check = Preveri kodo
support-act-verified = Koda je prava.
support-act-not-verified = Koda ni prava ali ne velja več.
support-act-do = Potrdi
support-act-cancel = Prekliči
support-act-close = Zapri
support-act-done = Opravljeno.
