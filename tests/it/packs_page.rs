//! `docs/reference/packs/` says what each shipped pack finds and how well, and `docs/reference/coverage.md` how much there is.
//! `UPDATE_EXPECTED=1 cargo test --test it packs_page` writes the pages.

use crate::packs::SHIPPED;
use crate::quality::{MEASURED, Quality, Share};
use portcullis::detect::validator::VALIDATORS;
use portcullis::diagnostic::reader::Choice;
use portcullis::pack::{Pack, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const GENERATED: &str = "<!-- generated; run `UPDATE_EXPECTED=1 cargo test --test it packs_page` -->\n";

const READING: &str = "\
How sure a rule is: the step that evidence reaches; *shape* is the pattern alone, *checked* with its check digits or structure,
*named* with a context word near. Measured, of texts generated for each rule with all packs on: values *named* by one of the rule's
words in sentences, JSON, CSV and tables; values *alone*, where the check digits are enough for a finding; near *misses*, which have
wrong check digits and must not be found. A rule without figures is tried by the examples in its file.
";

/// What others say that they find: name, types, countries, where it says so.
const OTHERS: &[(&str, &str, &str, &str)] = &[
    (
        "Microsoft Purview",
        "305",
        "58",
        "[Sensitive information type entity definitions](https://learn.microsoft.com/purview/sit-sensitive-information-type-entity-definitions)",
    ),
    (
        "Google Sensitive Data Protection",
        "209",
        "50",
        "[InfoType detector reference](https://cloud.google.com/sensitive-data-protection/docs/infotypes-reference)",
    ),
    (
        "Amazon Macie and Comprehend",
        "259",
        "65",
        "[Managed data identifiers](https://docs.aws.amazon.com/macie/latest/user/managed-data-identifiers.html)",
    ),
    (
        "Microsoft Presidio",
        "97",
        "18",
        "[Supported entities](https://microsoft.github.io/presidio/supported_entities/)",
    ),
    (
        "python-stdnum",
        "243",
        "88",
        "[Formats](https://arthurdejong.org/python-stdnum/formats); it checks numbers, and does not find them in text",
    ),
];

/// The pages, by their path in `docs/reference/`.
fn pages() -> BTreeMap<PathBuf, String> {
    let (library, engine) = &*SHIPPED;
    let mut by_pack: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in engine.rules() {
        by_pack.entry(&rule.pack).or_default().push(rule);
    }
    let packs: Vec<&Arc<Pack>> = library.packs.iter().collect();
    let mut pages: BTreeMap<PathBuf, String> = packs
        .iter()
        .map(|pack| (Path::new("packs").join(format!("{}.md", pack.id)), of_pack(pack, &by_pack[&*pack.id])))
        .collect();
    pages.insert("packs/README.md".into(), index(&packs, &by_pack));
    pages.insert("coverage.md".into(), coverage(&packs, &by_pack));
    pages
}

fn of_pack(pack: &Pack, rules: &[&Rule]) -> String {
    let mut page = format!("# {}\n\n{GENERATED}\nPack `{}`, version {}", pack.title, pack.id, pack.version);
    if let Some(country) = &pack.jurisdiction {
        write!(page, ", of {country}").expect("writing to a string");
    }
    if let Some(day) = pack.checked {
        write!(page, ", compared with its sources on {day}").expect("writing to a string");
    }
    page.push_str(".\n");
    let laws: Vec<String> = pack
        .sources
        .iter()
        .map(|law| law.article.as_ref().map_or(law.law.clone(), |article| format!("{} {article}", law.law)))
        .collect();
    if !laws.is_empty() {
        writeln!(page, "It serves: {}.", laws.join("; ")).expect("writing to a string");
    }
    write!(
        page,
        "\n{READING}\n| rule | what it finds | category, severity | how sure | measured |\n|---|---|---|---|---|\n"
    )
    .expect("writing to a string");
    for rule in rules {
        writeln!(
            page,
            "| `{}` | {} | {}, {} | {} | {} |",
            rule.id,
            cell(&what(rule)),
            rule.category,
            rule.severity.name(),
            sure(rule),
            MEASURED.get(&rule.id).map_or(String::new(), measured)
        )
        .expect("writing to a string");
    }
    page
}

fn what(rule: &Rule) -> String {
    let mut what = rule.title.clone();
    if let Some(local) = &rule.local_title {
        write!(what, " · {local}").expect("writing to a string");
    }
    if let Some(validator) = rule.validator {
        write!(what, "; checked by `{}`", validator.name).expect("writing to a string");
    }
    if !rule.verified {
        what.push_str("; **not verified**: no specification could be had");
    }
    if !rule.references.is_empty() {
        write!(what, ". {}", rule.references.join("; ")).expect("writing to a string");
    }
    what
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn sure(rule: &Rule) -> String {
    let ladder = rule.ladder;
    let steps = [
        ("shape", ladder.pattern),
        ("checked", ladder.validated),
        ("named", ladder.context),
        ("checked and named", ladder.validated_context),
    ];
    let told: Vec<String> = steps.iter().filter_map(|(step, c)| Some(format!("{step}: {}", (*c)?.name()))).collect();
    told.join(", ")
}

fn measured(quality: &Quality) -> String {
    let shares = [("named", quality.beside), ("alone", quality.alone), ("misses", quality.near)];
    let told: Vec<String> = shares
        .iter()
        .filter(|(_, share)| share.of > 0)
        .map(|(name, Share { found, of })| format!("{name} {found}/{of}"))
        .collect();
    told.join(", ")
}

fn index(packs: &[&Arc<Pack>], by_pack: &BTreeMap<&str, Vec<&Rule>>) -> String {
    let mut page = format!(
        "# Rule packs\n\n{GENERATED}\nWhat ships in the program. How to write one: [policies/README.md](../../../policies/README.md).\n"
    );
    for (folder, title) in [("base/", "Everyone's"), ("industry/", "Industries"), ("country/", "Countries")] {
        write!(page, "\n## {title}\n\n| pack | rules | |\n|---|---|---|\n").expect("writing to a string");
        for pack in packs.iter().filter(|pack| pack.id.starts_with(folder)) {
            writeln!(page, "| [{}]({}.md) | {} | {} |", pack.id, pack.id, by_pack[&*pack.id].len(), pack.title)
                .expect("writing to a string");
        }
    }
    page
}

fn coverage(packs: &[&Arc<Pack>], by_pack: &BTreeMap<&str, Vec<&Rule>>) -> String {
    let rules: Vec<&Rule> = by_pack.values().flatten().copied().collect();
    let countries: BTreeSet<&str> =
        packs.iter().filter_map(|pack| pack.jurisdiction.as_deref()).filter(|c| *c != "EU").collect();
    let of = |prefix: &str| rules.iter().filter(|rule| rule.pack.starts_with(prefix)).count();
    let mut page = format!("# Coverage\n\n{GENERATED}\n");
    page.push_str("| | types | countries | source |\n|---|---|---|---|\n");
    writeln!(page, "| **Portcullis** | **{}** | **{}** | [the packs](packs/README.md) |", rules.len(), countries.len())
        .expect("writing to a string");
    for (name, types, places, source) in OTHERS {
        writeln!(page, "| {name} | {types} | {places} | {source} |").expect("writing to a string");
    }
    page.push_str("\nA type is a rule here, and what the others list as one there: sizes differ, so the figures tell breadth, not quality. The others'\nfigures are of 2026 and are not counted again here.\n");
    let validators: BTreeSet<&str> = rules.iter().filter_map(|rule| rule.validator).map(|v| v.name).collect();
    let unverified = rules.iter().filter(|rule| !rule.verified).count();
    let secrets = rules.iter().filter(|rule| rule.category == "secret").count();
    write!(
        page,
        "\n| | |\n|---|---|\n| rules of countries | {} |\n| rules of industries | {} |\n| rules for everyone | {} |\n| of these, credentials | {secrets} |\n\
         | validators (checksums and structures) | {}, of which rules use {} |\n| rules whose format could not be verified | {unverified} |\n",
        of("country/"),
        of("industry/"),
        of("base/"),
        VALIDATORS.len(),
        validators.len()
    )
    .expect("writing to a string");
    let mut categories: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for rule in &rules {
        let (count, places) = categories.entry(&rule.category).or_default();
        *count += 1;
        places.extend(rule.jurisdiction.as_deref());
    }
    page.push_str("\n## By category\n\n| category | rules | countries |\n|---|---|---|\n");
    for (category, (count, places)) in &categories {
        writeln!(page, "| {category} | {count} | {} |", places.len()).expect("writing to a string");
    }
    page.push_str(
        "\n## By country\n\nRules of each country and kind; *other* are phones, plates, postal codes and the like.\n\n",
    );
    page.push_str("| country | person | tax and VAT | health | company | bank | papers | other | named | alone |\n|---|---|---|---|---|---|---|---|---|---|\n");
    for pack in packs.iter().filter(|pack| pack.id.starts_with("country/")) {
        let rules = &by_pack[&*pack.id];
        let count =
            |categories: &[&str]| match rules.iter().filter(|rule| categories.contains(&&*rule.category)).count() {
                0 => String::new(),
                count => count.to_string(),
            };
        const KINDS: [&[&str]; 6] = [
            &["national_id"],
            &["tax_id", "vat"],
            &["health_id"],
            &["company"],
            &["bank_account"],
            &["passport", "driving_licence"],
        ];
        let kinds = KINDS.map(count);
        let known: Vec<&str> = KINDS.concat();
        let other = rules.iter().filter(|rule| !known.contains(&&*rule.category)).count();
        let (mut beside, mut alone) = (Share::default(), Share::default());
        for quality in rules.iter().filter_map(|rule| MEASURED.get(&rule.id)) {
            beside.add(quality.beside);
            alone.add(quality.alone);
        }
        writeln!(
            page,
            "| [{}](packs/{}.md) | {} | {} | {} | {} |",
            pack.title,
            pack.id,
            kinds.join(" | "),
            other,
            percent(beside),
            percent(alone)
        )
        .expect("writing to a string");
    }
    page
}

fn percent(share: Share) -> String {
    if share.of == 0 { String::new() } else { format!("{:.1} %", 100.0 * share.rate()) }
}

#[test]
fn packs_pages_say_what_the_packs_are() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
    let pages = pages();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        let _ = std::fs::remove_dir_all(folder.join("packs"));
        for (path, page) in &pages {
            let file = folder.join(path);
            std::fs::create_dir_all(file.parent().expect("pages are in a folder")).expect("the folder is writable");
            std::fs::write(file, page).expect("the folder is writable");
        }
    }
    let differs =
        pages.iter().find(|(path, page)| std::fs::read_to_string(folder.join(path)).ok().as_ref() != Some(page));
    assert!(
        differs.is_none(),
        "docs/reference/{} is not what the packs say; `UPDATE_EXPECTED=1 cargo test --test it packs_page` writes it",
        differs.expect("it is some").0.display()
    );
}
