//! The language of patterns, as it differs from that of the `regex` crate: Perl classes and `\b` are ASCII, and everything
//! that could match half a character (`.`, `[^x]`, `\S`, `[é]`, `\p{Han}`) matches whole ones. In the terms of the crate:
//! Unicode is off but for such classes, which are read as if written `(?u:…)`.

use regex_syntax::ast::{
    self, Ast, ClassAscii, ClassAsciiKind, ClassBracketed, ClassPerlKind, ClassSet, ClassSetItem, ClassUnicode, Flag,
    Flags, FlagsItem, FlagsItemKind, Group, GroupKind, Span,
};

/// Reads a pattern, with the classes marked that are about characters.
pub(super) fn parse(source: &str) -> Result<Ast, Box<ast::Error>> {
    let mut ast = ast::parse::ParserBuilder::new().build().parse(source)?;
    whole_characters(&mut ast);
    Ok(ast)
}

/// The pattern as one for the `regex` crate with Unicode off.
pub(super) fn written_out(source: &str) -> Result<String, Box<ast::Error>> {
    let mut text = String::new();
    let ast = parse(source)?;
    ast::print::Printer::new().print(&ast, &mut text).expect("writing to a string does not fail");
    Ok(text)
}

fn whole_characters(ast: &mut Ast) {
    match ast {
        Ast::Dot(_) | Ast::ClassUnicode(_) => unicode(ast),
        // `(?i)É` is `é` too.
        Ast::Literal(literal) if !literal.c.is_ascii() && literal.byte().is_none() => unicode(ast),
        Ast::ClassPerl(class) if class.negated => {
            let span = class.span;
            let kind = ClassSet::Item(ascii(&class.kind, class.negated, span));
            *ast = Ast::class_bracketed(ClassBracketed { span, negated: false, kind });
            unicode(ast);
        }
        Ast::ClassBracketed(class) if class.negated || set_is_wide(&class.kind) => {
            perl_to_ascii(&mut class.kind);
            unicode(ast);
        }
        Ast::Repetition(repetition) => whole_characters(&mut repetition.ast),
        // An explicit `(?u:…)` means what it means in the `regex` crate.
        Ast::Group(group) if group.flags().and_then(|f| f.flag_state(Flag::Unicode)) == Some(true) => {}
        Ast::Group(group) => whole_characters(&mut group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter_mut().for_each(whole_characters),
        Ast::Concat(concat) => concat.asts.iter_mut().for_each(whole_characters),
        _ => {}
    }
}

/// `(?u:…)` around a class.
fn unicode(ast: &mut Ast) {
    let span = *ast.span();
    let items = vec![FlagsItem { span, kind: FlagsItemKind::Flag(Flag::Unicode) }];
    let class = Box::new(std::mem::replace(ast, Ast::empty(span)));
    *ast = Ast::group(Group { span, kind: GroupKind::NonCapturing(Flags { span, items }), ast: class });
}

fn ascii(kind: &ClassPerlKind, negated: bool, span: Span) -> ClassSetItem {
    let kind = match kind {
        ClassPerlKind::Digit => ClassAsciiKind::Digit,
        ClassPerlKind::Space => ClassAsciiKind::Space,
        ClassPerlKind::Word => ClassAsciiKind::Word,
    };
    ClassSetItem::Ascii(ClassAscii { span, kind, negated })
}

/// Whether a class holds more than ASCII.
fn set_is_wide(set: &ClassSet) -> bool {
    match set {
        ClassSet::Item(item) => item_is_wide(item),
        ClassSet::BinaryOp(op) => set_is_wide(&op.lhs) || set_is_wide(&op.rhs),
    }
}

fn item_is_wide(item: &ClassSetItem) -> bool {
    match item {
        ClassSetItem::Empty(_) => false,
        ClassSetItem::Literal(literal) => !literal.c.is_ascii(),
        ClassSetItem::Range(range) => !range.end.c.is_ascii(),
        ClassSetItem::Ascii(ClassAscii { negated, .. }) => *negated,
        ClassSetItem::Perl(class) => class.negated,
        ClassSetItem::Unicode(ClassUnicode { .. }) => true,
        ClassSetItem::Bracketed(class) => class.negated || set_is_wide(&class.kind),
        ClassSetItem::Union(union) => union.items.iter().any(item_is_wide),
    }
}

fn perl_to_ascii(set: &mut ClassSet) {
    match set {
        ClassSet::Item(item) => item_to_ascii(item),
        ClassSet::BinaryOp(op) => {
            perl_to_ascii(&mut op.lhs);
            perl_to_ascii(&mut op.rhs);
        }
    }
}

fn item_to_ascii(item: &mut ClassSetItem) {
    match item {
        ClassSetItem::Perl(class) => *item = ascii(&class.kind, class.negated, class.span),
        ClassSetItem::Bracketed(class) => perl_to_ascii(&mut class.kind),
        ClassSetItem::Union(union) => union.items.iter_mut().for_each(item_to_ascii),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_about_characters_are_unicode_and_perl_classes_are_not() {
        for (pattern, expected) in [
            (r"\b\d[a-z]\w", r"\b\d[a-z]\w"),
            (r"d.un", r"d(?u:.)un"),
            (r"(?i)déjà", r"(?i)d(?u:é)j(?u:à)"),
            (r"[^,]{3}", r"(?u:[^,]){3}"),
            (r"(?i)x(?:[^\s，]|y)", r"(?i)x(?:(?u:[^[:space:]，])|y)"),
            (r"[\dé-ü]+?", r"(?u:[[:digit:]é-ü])+?"),
            (r"\S\pL", r"(?u:[[:^space:]])(?u:\pL)"),
            (r"(?u:[^\d])(?<value>[^x])", r"(?u:[^\d])(?<value>(?u:[^x]))"),
            (r"[a-z&&[^b]]", r"(?u:[a-z&&[^b]])"),
        ] {
            assert_eq!(written_out(pattern).expect(pattern), expected);
        }
    }
}
