//! What values stand in: sentences of the languages people write in, JSON, CSV, tables, forms.

/// Sentences with a place `{w}` for the word that names the value and `{v}` for the value, by language.
const SENTENCES: &[(&str, &[&str])] = &[
    ("ar", &["يرجى التحقق من {w} {v} قبل نهاية الأسبوع.", "{w}: {v}"]),
    ("az", &["Zəhmət olmasa, {w} {v} məlumatını yoxlayın.", "{w} – {v}"]),
    ("bg", &["Моля, проверете {w} {v} до петък.", "В писмото е посочен {w}: {v}."]),
    ("bn", &["অনুগ্রহ করে {w} {v} যাচাই করুন।", "{w}: {v}"]),
    ("bs", &["Molimo provjerite {w} {v} do petka.", "U prilogu je {w}: {v}."]),
    ("ca", &["Si us plau, comproveu {w} {v} abans de divendres.", "A la carta consta {w}: {v}."]),
    ("cs", &["Prosím, zkontrolujte {w} {v} do pátku.", "V dopise je uvedeno {w}: {v}."]),
    ("da", &["Kontrollér venligst {w} {v} inden fredag.", "I brevet står der {w}: {v}."]),
    ("de", &["Bitte prüfen Sie {w} {v} bis Freitag.", "Im Schreiben steht {w}: {v}, danke."]),
    ("el", &["Παρακαλώ ελέγξτε {w} {v} έως την Παρασκευή.", "Στην επιστολή αναφέρεται {w}: {v}."]),
    ("en", &["Please check {w} {v} by Friday.", "The letter gives the {w} as {v}, thank you.", "My {w} is {v}."]),
    ("es", &["Por favor, compruebe {w} {v} antes del viernes.", "En la carta figura {w}: {v}."]),
    ("et", &["Palun kontrollige {w} {v} reedeks.", "Kirjas on {w}: {v}."]),
    ("fa", &["لطفاً {w} {v} را تا جمعه بررسی کنید.", "{w}: {v}"]),
    ("fi", &["Tarkistakaa {w} {v} perjantaihin mennessä.", "Kirjeessä on {w}: {v}."]),
    ("fo", &["Vinarliga kannið {w} {v} áðrenn fríggjadagin.", "{w}: {v}"]),
    ("fr", &["Merci de vérifier {w} {v} avant vendredi.", "La lettre indique {w} : {v}."]),
    ("he", &["נא לבדוק {w} {v} עד יום שישי.", "במכתב מופיע {w}: {v}."]),
    ("hi", &["कृपया शुक्रवार तक {w} {v} की जाँच करें।", "{w}: {v}"]),
    ("hr", &["Molimo provjerite {w} {v} do petka.", "U pismu stoji {w}: {v}."]),
    ("hu", &["Kérjük, ellenőrizze: {w} {v} péntekig.", "A levélben szerepel a {w}: {v}."]),
    ("hy", &["Խնդրում ենք ստուգել {w} {v} մինչև ուրբաթ։", "{w}՝ {v}"]),
    ("id", &["Mohon periksa {w} {v} sebelum hari Jumat.", "Di surat tertulis {w}: {v}."]),
    ("is", &["Vinsamlegast athugið {w} {v} fyrir föstudag.", "Í bréfinu er {w}: {v}."]),
    ("it", &["Si prega di verificare {w} {v} entro venerdì.", "La lettera riporta {w}: {v}."]),
    ("ja", &["金曜日までに{w} {v}を確認してください。", "{w}：{v}"]),
    ("ka", &["გთხოვთ შეამოწმოთ {w} {v} პარასკევამდე.", "{w}: {v}"]),
    ("kk", &["{w} {v} жұмаға дейін тексеріңіз.", "{w}: {v}"]),
    ("km", &["សូមពិនិត្យ {w} {v} មុនថ្ងៃសុក្រ។", "{w}: {v}"]),
    ("ko", &["금요일까지 {w} {v} 확인해 주세요.", "{w}: {v}"]),
    ("lo", &["ກະລຸນາກວດສອບ {w} {v} ກ່ອນວັນສຸກ.", "{w}: {v}"]),
    ("lt", &["Prašome patikrinti {w} {v} iki penktadienio.", "Laiške nurodyta {w}: {v}."]),
    ("lv", &["Lūdzu, pārbaudiet {w} {v} līdz piektdienai.", "Vēstulē norādīts {w}: {v}."]),
    ("mk", &["Ве молиме проверете {w} {v} до петок.", "{w}: {v}"]),
    ("mn", &["Баасан гараг гэхэд {w} {v} шалгана уу.", "{w}: {v}"]),
    ("ms", &["Sila semak {w} {v} sebelum hari Jumaat.", "Dalam surat itu, {w}: {v}."]),
    ("my", &["သောကြာနေ့မတိုင်မီ {w} {v} စစ်ဆေးပါ။", "{w}: {v}"]),
    ("ne", &["कृपया शुक्रबारसम्म {w} {v} जाँच गर्नुहोस्।", "{w}: {v}"]),
    ("nl", &["Controleer {w} {v} vóór vrijdag.", "In de brief staat {w}: {v}."]),
    ("no", &["Vennligst kontroller {w} {v} innen fredag.", "I brevet står {w}: {v}."]),
    ("pl", &["Proszę sprawdzić {w} {v} do piątku.", "W piśmie podano {w}: {v}."]),
    ("pt", &["Por favor, verifique {w} {v} até sexta-feira.", "Na carta consta {w}: {v}."]),
    ("ro", &["Vă rugăm să verificați {w} {v} până vineri.", "În scrisoare apare {w}: {v}."]),
    ("ru", &["Пожалуйста, проверьте {w} {v} до пятницы.", "В письме указан {w}: {v}."]),
    ("si", &["කරුණාකර {w} {v} පරීක්ෂා කරන්න.", "{w}: {v}"]),
    ("sk", &["Prosím, skontrolujte {w} {v} do piatku.", "V liste je uvedené {w}: {v}."]),
    ("sl", &["Prosimo, preverite {w} {v} do petka.", "V pismu je navedena {w}: {v}."]),
    ("sq", &["Ju lutemi kontrolloni {w} {v} deri të premten.", "Në letër jepet {w}: {v}."]),
    ("sr", &["Молимо проверите {w} {v} до петка.", "Molimo proverite {w} {v} do petka."]),
    ("sv", &["Vänligen kontrollera {w} {v} senast på fredag.", "I brevet står {w}: {v}."]),
    ("sw", &["Tafadhali hakiki {w} {v} kabla ya Ijumaa.", "{w}: {v}"]),
    ("th", &["โปรดตรวจสอบ{w} {v} ภายในวันศุกร์", "{w}: {v}"]),
    ("tr", &["Lütfen {w} {v} bilgisini cumaya kadar kontrol edin.", "Mektupta {w}: {v} yazıyor."]),
    ("uk", &["Будь ласка, перевірте {w} {v} до п’ятниці.", "У листі вказано {w}: {v}."]),
    ("ur", &["براہ کرم جمعہ تک {w} {v} کی جانچ کریں۔", "{w}: {v}"]),
    ("uz", &["Iltimos, {w} {v} ni juma kunigacha tekshiring.", "{w}: {v}"]),
    ("vi", &["Vui lòng kiểm tra {w} {v} trước thứ Sáu.", "Trong thư ghi {w}: {v}."]),
    ("zh", &["请在周五之前核对{w} {v}。", "{w}：{v}"]),
];

/// The languages of countries, most used first, where English sentences alone would not do.
const LANGUAGES: &[(&str, &str)] = &[
    ("ar", "AE BH DJ DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE SO"),
    ("az", "AZ"),
    ("bg", "BG"),
    ("bn", "BD"),
    ("bs", "BA ME"),
    ("ca", "AD"),
    ("cs", "CZ"),
    ("da", "DK GL FO"),
    ("de", "DE AT CH LI LU"),
    ("el", "GR CY"),
    ("es", "ES AD AR BO CL CO CR CU DO EC GT HN MX NI PA PE PY SV UY VE"),
    ("et", "EE"),
    ("fa", "IR AF"),
    ("fi", "FI"),
    ("fo", "FO"),
    ("fr", "FR BE CH LU MC CI CM GN MG SN BI HT DJ"),
    ("he", "IL"),
    ("hi", "IN"),
    ("hr", "HR BA"),
    ("hu", "HU"),
    ("hy", "AM"),
    ("id", "ID"),
    ("is", "IS"),
    ("it", "IT SM VA CH"),
    ("ja", "JP"),
    ("ka", "GE"),
    ("kk", "KZ"),
    ("km", "KH"),
    ("ko", "KR"),
    ("lo", "LA"),
    ("lt", "LT"),
    ("lv", "LV"),
    ("mk", "MK"),
    ("mn", "MN"),
    ("ms", "MY BN"),
    ("my", "MM"),
    ("ne", "NP"),
    ("nl", "NL BE"),
    ("no", "NO"),
    ("pl", "PL"),
    ("pt", "PT BR AO MZ ST TL"),
    ("ro", "RO MD"),
    ("ru", "RU BY KZ KG TJ UZ"),
    ("si", "LK"),
    ("sk", "SK"),
    ("sl", "SI"),
    ("sq", "AL XK"),
    ("sr", "RS ME XK BA"),
    ("sv", "SE FI"),
    ("sw", "KE TZ"),
    ("th", "TH"),
    ("tr", "TR CY"),
    ("uk", "UA"),
    ("ur", "PK"),
    ("uz", "UZ"),
    ("vi", "VN"),
    ("zh", "CN TW HK MO"),
];

/// The sentences of a country, and the English ones.
pub fn sentences(country: Option<&str>) -> Vec<&'static str> {
    let spoken = |language: &str| {
        language == "en"
            || LANGUAGES.iter().any(|(l, places)| {
                *l == language && country.is_some_and(|country| places.split(' ').any(|place| place == country))
            })
    };
    SENTENCES
        .iter()
        .filter(|(language, _)| spoken(language))
        .flat_map(|(_, sentences)| sentences.iter().copied())
        .collect()
}

/// How documents and programs name a value: JSON, a query, YAML, CSV, tables, forms. `{k}` is the word as the name of a field.
pub const FORMS: &[&str] = &[
    "{\"{k}\": \"{v}\", \"status\": \"open\"}",
    "{\"status\":\"open\",\"{w}\":\"{v}\"}",
    "customer:\n  {k}: {v}\n  active: true\n",
    "{w};status;remark\n{v};open;none\n",
    "| {w} | status |\n|---|---|\n| {v} | open |\n",
    "{w}\t{v}\n",
    "<tr><td>{w}</td><td>{v}</td></tr>",
    "{k}={v}\n",
];

/// Where nothing names the value.
pub const ALONE: &[&str] = &["{v}", "See {v} for more.", "a;{v};b\n", "\"{v}\",", "| 1 | {v} | x |"];

/// A carrier with a word and a value in it, and where the value begins.
pub fn filled(carrier: &str, word: &str, value: &str) -> (String, usize) {
    let key = if word.contains(['\'', '’']) {
        word.to_owned()
    } else {
        word.to_lowercase().replace("- ", " ").replace([' ', '-'], "_")
    };
    let text = carrier.replace("{w}", word).replace("{k}", &key);
    let at = text.find("{v}").expect("a carrier has a place for the value");
    (text.replacen("{v}", value, 1), at)
}
