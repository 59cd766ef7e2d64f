use super::*;
use crate::pack::Severity;
use std::path::PathBuf;
use std::time::Duration;

/// Reads `text` with `read`, and returns what was read with `place: message (help)` per problem.
fn reading<T>(text: &str, read: impl FnOnce(&mut Table<'_>, &mut Problems) -> T) -> (Option<T>, Vec<String>) {
    let mut problems = Problems::new();
    let read = Document::parse(Source::new("t", text), &mut problems).map(|document| {
        let mut root = document.root();
        let value = read(&mut root, &mut problems);
        root.finish(&mut problems);
        value
    });
    let told = |p: &super::super::Problem| {
        format!("{} @ {} ({})", p.message, &text[p.span.clone()], p.help.as_deref().unwrap_or_default())
    };
    (read, problems.iter().map(told).collect())
}

#[test]
fn every_kind_of_value_is_read() {
    let text = r#"
            text = "a\u00e9"
            flag = true
            small = 65_535
            hex = 0xff
            ratio = 0.5
            whole = 2
            path = "a/b"
            long = "7d"
            short = "250ms"
            size = "32 MiB"
            bytes = 77
            day = 2026-02-28
            severity = "high"
            list = ["x", "y"]
            [table]
            key = "v"
        "#;
    let (_, problems) = reading(text, |t, p| {
        assert_eq!(t.opt::<String>("text", p).as_deref(), Some("aé"));
        assert_eq!(t.opt("flag", p), Some(true));
        assert_eq!(t.opt("small", p), Some(65_535_u16));
        assert_eq!(t.opt("hex", p), Some(255_u32));
        assert_eq!(t.opt("ratio", p), Some(0.5));
        assert_eq!(t.opt("whole", p), Some(2.0));
        assert_eq!(t.opt("path", p), Some(PathBuf::from("a/b")));
        assert_eq!(t.opt("long", p), Some(Duration::from_secs(7 * 86_400)));
        assert_eq!(t.opt("short", p), Some(Duration::from_millis(250)));
        assert_eq!(t.opt("size", p), Some(ByteSize(32 << 20)));
        assert_eq!(t.opt("bytes", p), Some(ByteSize(77)));
        assert_eq!(t.opt("day", p), Some(Date { year: 2026, month: 2, day: 28 }));
        assert_eq!(t.opt("severity", p), Some(Severity::High));
        let list: Vec<Spanned<&str>> = t.opt("list", p).expect("a list");
        assert_eq!(&text[list[1].span.clone()], "\"y\"");
        let mut table: Table<'_> = t.req("table", p).expect("a table");
        assert_eq!(&text[table.span()], "[table]");
        assert_eq!(table.req("key", p), Some("v"));
        assert_eq!(table.opt::<u64>("absent", p), None);
        table.finish(p);
    });
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn a_wrong_type_is_told_at_the_value() {
    let (_, problems) = reading(
        "a = 1\nb = \"5\"\nc = [1, \"x\", true]\nd = \"true\"\ne = -1\nf = 70000\ng = 5\nh = \"2026-01-01\"\n[i]\n",
        |t, p| {
            assert_eq!(t.opt::<String>("a", p), None);
            assert_eq!(t.opt::<u64>("b", p), None);
            assert_eq!(t.opt::<Vec<u64>>("c", p), None);
            assert_eq!(t.opt::<bool>("d", p), None);
            assert_eq!(t.opt::<u64>("e", p), None);
            assert_eq!(t.opt::<u16>("f", p), None);
            assert_eq!(t.opt::<Duration>("g", p), None);
            assert_eq!(t.opt::<Date>("h", p), None);
            assert!(t.opt::<Vec<Table<'_>>>("i", p).is_none());
        },
    );
    assert_eq!(
        problems,
        [
            "`a`: expected a string, found an integer @ 1 (put the value in quotes)",
            "`b`: expected an integer, found a string @ \"5\" (remove the quotes)",
            "`c[2]`: expected an integer, found a string @ \"x\" (write a whole number, without quotes)",
            "`c[3]`: expected an integer, found true or false @ true (write a whole number, without quotes)",
            "`d`: expected true or false, found a string @ \"true\" (remove the quotes)",
            "`e`: the number must not be negative @ -1 ()",
            "`f`: the number must be at most 65535 @ 70000 ()",
            &format!("`g`: expected a duration, found an integer @ 5 ({})", scalar::DURATION),
            "`h`: expected a date, found a string @ \"2026-01-01\" (remove the quotes)",
            "`i`: expected a list, found a table @ [i] (write the header with two brackets: `[[i]]`)",
        ]
    );
}

#[test]
fn unknown_and_missing_keys_are_told_with_the_nearest_name() {
    let (_, problems) = reading("lisen = 1\nzzz = 2\n[[rule]]\n[[rule]]\nid = \"b\"\n", |t, p| {
        t.req::<String>("listen", p);
        for mut rule in t.opt::<Vec<Table<'_>>>("rule", p).unwrap_or_default() {
            rule.req::<String>("id", p);
            rule.finish(p);
        }
    });
    assert_eq!(
        problems,
        [
            "missing key `id` in `rule[1]` @ [[rule]] (add `id = \"…\"`)",
            "unknown key `lisen` @ lisen (did you mean `listen`?)",
            "unknown key `zzz` @ zzz (known keys here are `listen` and `rule`)",
        ]
    );
}

#[test]
fn a_wrong_choice_is_told_with_the_list() {
    let (_, problems) = reading("a = \"hihg\"\nb = \"sk-proj-abcdefghijkl\"", |t, p| {
        t.opt::<Severity>("a", p);
        t.opt::<Severity>("b", p);
    });
    assert_eq!(
        problems[0],
        "unknown severity `hihg` @ \"hihg\" (did you mean `high`? choose from `low`, `medium`, `high` or `critical`)"
    );
    assert!(problems[1].starts_with("unknown severity @"), "{}", problems[1]);
}

#[test]
fn free_names_are_all_known_and_keys_asked_for_are_remembered() {
    let mut problems = Problems::new();
    let source = Source::new("t", "[free]\nx = 1\ny = 2\n[[list]]\nname = 1\n");
    let document = Document::parse(source, &mut problems).expect("it is TOML");
    let mut root = document.root();
    let mut free: Table<'_> = root.req("free", &mut problems).expect("a table");
    let names: Vec<&str> = free.entries().into_iter().map(|(name, _)| name.value).collect();
    assert_eq!(names, ["x", "y"]);
    free.finish(&mut problems);
    for mut table in root.opt::<Vec<Table<'_>>>("list", &mut problems).expect("a list") {
        table.opt::<u64>("name", &mut problems);
        table.finish(&mut problems);
    }
    root.finish(&mut problems);
    assert!(problems.is_empty());
    assert_eq!(document.asked(), ["free", "list", "list[].name"]);
}
