//! Writes a C program that can call every function of the headers with any one of its pointers NULL, and
//! with whatever handles it is given. `modes.h` says what it does with that.

use std::fmt::Write;
use std::path::Path;

use super::parse::{Function, Header, Parameter};

/// What a function makes of NULL in the place of a parameter.
#[derive(Clone, Copy, PartialEq)]
pub enum Null {
    /// It is a handle: NULL is an invalid one.
    Handle,
    /// NULL is an invalid argument.
    Refused,
    /// NULL stands for nothing, or for the defaults.
    Allowed,
    /// The error is not wanted.
    Error,
    /// It frees the user_data before it.
    Free,
    /// It is no pointer.
    Never,
}

impl Null {
    fn letter(self) -> char {
        match self {
            Null::Handle => 'h',
            Null::Refused => 'r',
            Null::Allowed => 'a',
            Null::Error => 'e',
            Null::Free => 'f',
            Null::Never => '-',
        }
    }
}

/// Pointers that may be NULL, which the types do not tell: function, parameter.
const ALLOWED: &[(&str, &str)] = &[
    ("callgate_call_fail", "type_name"),
    ("callgate_call_on_cancelled", "notice"),
    ("callgate_compare_descriptions", "differences"),
    ("callgate_thread_buffer", "buffer"),
    ("callgate_fast_invoke", "user_data"),
];

/// How one argument of a call is made.
struct Argument {
    null: Null,
    /// The argument when it is not NULL.
    value: String,
    /// The type of the variable that receives a result, and what frees the result.
    receives: Option<(String, Option<String>)>,
}

fn argument(header: &Header, function: &Function, index: usize) -> Argument {
    let parameter = &function.parameters[index];
    let (type_name, name) = (parameter.type_name.as_str(), parameter.name.as_str());
    let plain = |null, value: &str| Argument { null, value: value.to_owned(), receives: None };
    let is_handle = |name: &str| header.handles.iter().any(|handle| handle == name);
    let allowed = ALLOWED.contains(&(function.name.as_str(), name));
    // A reader's results may be unwanted.
    let unwanted = function.name.starts_with("callgate_reader_") && name != "reader";
    let refused = if allowed || unwanted { Null::Allowed } else { Null::Refused };
    if let Some(target) = parameter.points_to(1) {
        if is_handle(target) {
            return plain(Null::Handle, &format!("with->{}", field(target)));
        }
        if header.sized.iter().any(|sized| sized == target) {
            let null = if target.ends_with("_options") { Null::Allowed } else { Null::Refused };
            return plain(null, &format!("&with->{}.value", field(target)));
        }
    }
    match (type_name, name) {
        ("callgate_error **", "error") => plain(Null::Error, "&error"),
        ("const char *", "endpoint") => plain(refused, "with->endpoint"),
        ("const char *", _) => plain(refused, "\"ITest\""),
        ("const void *", _) => plain(refused, "\"\\x90\""),
        ("void *", "user_data") if allowed => plain(refused, "&fast_delegate"),
        ("void *", "user_data") => plain(Null::Allowed, "&nothing"),
        ("void *", "buffer") => plain(refused, "memory"),
        ("callgate_free_fn", _) => plain(Null::Free, "counted_free"),
        ("callgate_reader *" | "const callgate_reader *", _) => plain(refused, "&with->reader"),
        ("callgate_fast_call_state *", _) => plain(refused, "&with->fast_call_state"),
        ("callgate_buffer *", "buffer") => plain(Null::Allowed, "&with->buffer"),
        ("callgate_buffer *", "reply") if !function.name.ends_with("_into") => {
            receiving(Null::Allowed, "callgate_buffer", index, Some("callgate_buffer_free(&%)"))
        }
        (kind, _) if kind.ends_with("_fn") => plain(Null::Refused, &kind.replace("callgate_", "")),
        ("int64_t", "timeout_ms") => plain(Null::Never, "CALLGATE_TIMEOUT_NOW"),
        ("size_t", "length" | "arguments_length" | "capacity") => plain(Null::Never, "1"),
        ("size_t" | "int64_t" | "uint64_t" | "uint32_t" | "bool" | "float" | "double", _) => {
            plain(Null::Never, "0")
        }
        ("size_t *", "length") if function.result.ends_with('*') => {
            receiving(Null::Allowed, "size_t", index, None)
        }
        _ => result(parameter, refused, index, is_handle).unwrap_or_else(|| {
            panic!("{}: what is {type_name} {name}? Say it in {}", function.name, file!())
        }),
    }
}

/// A parameter that receives a result.
fn result(
    parameter: &Parameter,
    null: Null,
    index: usize,
    is_handle: impl Fn(&str) -> bool,
) -> Option<Argument> {
    const NUMBERS: [&str; 7] =
        ["size_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "bool", "double"];
    const STRUCTS: [&str; 2] = ["callgate_buffer", "callgate_call_content"];
    if let Some(target) = parameter.points_to(2) {
        let free = is_handle(target).then(|| format!("{target}_free(%)"));
        let variable = parameter.type_name.strip_suffix('*').expect("it is a pointer");
        return Some(receiving(null, variable.trim(), index, free.as_deref()));
    }
    let target = parameter.points_to(1)?;
    let free = (target == "callgate_buffer").then_some("callgate_buffer_free(&%)");
    (NUMBERS.contains(&target) || STRUCTS.contains(&target))
        .then(|| receiving(null, target, index, free))
}

/// `%` in `free` stands for the variable.
fn receiving(null: Null, variable: &str, index: usize, free: Option<&str>) -> Argument {
    let free = free.map(|free| free.replace('%', &format!("out_{index}")));
    Argument { null, value: format!("&out_{index}"), receives: Some((variable.to_owned(), free)) }
}

/// The name of a type's field in `struct objects`.
fn field(type_name: &str) -> &str {
    type_name.strip_prefix("callgate_").expect("every name has the prefix")
}

/// The whole program.
pub fn write(header: &Header, folder: &Path) -> String {
    let mut text = String::new();
    let include = |name: &str| format!("#include \"{}\"\n", folder.join(name).display());
    text += &include("callbacks.h");
    text += "\ntypedef struct objects {\n    char endpoint[256];\n";
    for handle in &header.handles {
        writeln!(text, "    {handle} *{};", field(handle)).expect("to memory");
    }
    for sized in &header.sized {
        writeln!(text, "    union {{\n        {sized} value;\n        char room[ROOM];")
            .expect("to memory");
        writeln!(text, "    }} {};", field(sized)).expect("to memory");
    }
    text += "    callgate_reader reader;\n    callgate_buffer buffer;\n";
    text += "    callgate_fast_call_state fast_call_state;\n} objects;\n\n";
    text += "/* Gives every options struct this size, and this byte behind its last field. */\n";
    text += "static void set_sizes(objects *with, size_t size, char behind)\n{\n";
    for sized in &header.sized {
        let name = field(sized);
        writeln!(text, "    with->{name}.value.struct_size = size;").expect("to memory");
        writeln!(text, "    with->{name}.room[sizeof with->{name}.value] = behind;")
            .expect("to memory");
    }
    text += "}\n\n";
    text += &include("objects.h");
    for (number, function) in header.functions.iter().enumerate() {
        write_try(&mut text, header, number, function);
    }
    text += "\nstatic const entry entries[] = {\n";
    for (number, function) in header.functions.iter().enumerate() {
        let nulls = (0..function.parameters.len()).map(|at| argument(header, function, at).null);
        let letters: String = nulls.map(Null::letter).collect();
        let size =
            sized_of(header, function).map_or("0".into(), |sized| format!("sizeof({sized})"));
        let fails = if can_fail(function) { "true" } else { "false" };
        let name = &function.name;
        writeln!(text, "    {{\"{name}\", try_{number}, \"{letters}\", {fails}, {size}}},")
            .expect("to memory");
    }
    text += "};\n\n";
    text + &include("modes.h")
}

/// The options struct that a function takes, if it takes one.
fn sized_of<'a>(header: &'a Header, function: &Function) -> Option<&'a String> {
    let takes =
        |sized: &&String| function.parameters.iter().any(|it| it.points_to(1) == Some(*sized));
    header.sized.iter().find(takes)
}

/// Whether it returns a status that says how it went.
fn can_fail(function: &Function) -> bool {
    function.parameters.iter().any(|parameter| parameter.type_name == "callgate_error **")
}

/// Writes the function that calls one function of the header, with its parameter number `null` NULL.
fn write_try(text: &mut String, header: &Header, number: usize, function: &Function) {
    let arguments: Vec<Argument> =
        (0..function.parameters.len()).map(|at| argument(header, function, at)).collect();
    let mut line = |line: String| writeln!(text, "{line}").expect("to memory");
    line(format!("\nstatic outcome try_{number}(objects *with, int null)\n{{"));
    line("    outcome outcome = {0, 0, false};".into());
    line("    callgate_error *error = NULL;".into());
    for (at, argument) in arguments.iter().enumerate() {
        if let Some((variable, _)) = &argument.receives {
            line(format!("    {variable} out_{at};"));
        }
    }
    for (at, _) in arguments.iter().enumerate().filter(|(_, it)| it.receives.is_some()) {
        line(format!("    memset(&out_{at}, UNTOUCHED, sizeof out_{at});"));
    }
    line("    (void)with, (void)null;".into());
    let values = arguments.iter().enumerate().map(|(at, argument)| match argument.null {
        Null::Never => argument.value.clone(),
        _ => format!("null == {at} ? 0 : {}", argument.value),
    });
    let call = format!("{}({})", function.name, values.collect::<Vec<_>>().join(", "));
    line(match function.result.as_str() {
        "void" => format!("    {call};"),
        "const char *" => format!("    outcome.result = text_result({call});"),
        "callgate_writer *" => format!("    outcome.result = writer_result({call});"),
        result if result.ends_with('*') => format!("    outcome.result = {call} != NULL;"),
        _ => format!("    outcome.result = (long long){call};"),
    });
    line("    outcome.error = callgate_error_status(error);".into());
    line("    callgate_error_free(error);".into());
    for (at, argument) in arguments.iter().enumerate() {
        let Some((_, free)) = &argument.receives else { continue };
        line(format!("    if (!is_untouched(&out_{at}, sizeof out_{at})) {{"));
        line("        outcome.wrote = true;".into());
        free.iter().for_each(|free| line(format!("        {free};")));
        line("    }".into());
    }
    line("    return outcome;\n}".into());
}
