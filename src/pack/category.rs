//! The kinds of data that rules find. Policies speak of these, so the list is closed.

/// Each category and what it stands for.
pub const CATEGORIES: &[(&str, &str)] = &[
    ("bank_account", "bank accounts, sort codes and bank identifiers"),
    ("business", "trade secrets: designs, recipes, prices, plans"),
    ("classification", "protective markings and confidentiality labels"),
    ("company", "identifiers of companies and institutions"),
    ("contact", "e-mail addresses and handles"),
    ("crypto", "addresses and keys of digital currencies"),
    ("device", "identifiers of devices and subscribers"),
    ("driving_licence", "driving licence numbers"),
    ("education", "records of pupils and students, unreleased examinations"),
    ("employment", "pay, applications, reviews and dismissals of employees"),
    ("finance", "securities, statements and market data"),
    ("health", "diagnoses, treatments and medical messages"),
    ("health_id", "identifiers of patients, insured persons and health professionals"),
    ("legal", "court files, case numbers and privileged papers"),
    ("national_id", "identity cards, personal numbers and social security numbers"),
    ("network", "addresses and names of networks and hosts"),
    ("other", "identifiers without a category of their own"),
    ("passport", "passports, visas and travel documents"),
    ("payment", "payment card data"),
    ("person_name", "names of persons"),
    ("phone", "telephone numbers"),
    ("postal", "postal addresses and codes"),
    ("prompt_attack", "instructions that turn a model against its task or its users"),
    ("secret", "credentials: keys, tokens, passwords"),
    ("source_code", "program text, build and infrastructure files, dumps"),
    ("special_category", "origin, belief, union membership, sexual life, biometrics and convictions of a person"),
    ("tax_id", "tax numbers of persons and businesses"),
    ("tool_integrity", "descriptions of tools that changed or steer the model"),
    ("vat", "value added tax registrations"),
    ("vehicle", "plates, vehicle and register numbers"),
];

/// The names of all categories.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    CATEGORIES.iter().map(|(name, _)| *name)
}
