//! Reads a C header of this project: its functions, its handles, and the structs that begin with their size.

/// What the headers declare.
#[derive(Default)]
pub struct Header {
    pub functions: Vec<Function>,
    /// Opaque structs.
    pub handles: Vec<String>,
    /// Structs whose first field is `struct_size`.
    pub sized: Vec<String>,
}

pub struct Function {
    pub name: String,
    pub result: String,
    pub parameters: Vec<Parameter>,
}

pub struct Parameter {
    /// Its type, e.g. `const callgate_proxy *`.
    pub type_name: String,
    pub name: String,
}

impl Parameter {
    /// The type that it points to, without `const`; `None` unless it is a pointer with this many stars.
    pub fn points_to(&self, stars: usize) -> Option<&str> {
        let base = self.type_name.trim_end_matches('*');
        let base_name = base.trim().trim_start_matches("const ");
        (self.type_name.len() - base.len() == stars).then_some(base_name)
    }
}

/// Adds what the text of a header declares.
pub fn read(header: &mut Header, text: &str) {
    for statement in statements(&code(text)) {
        let statement = statement.split_whitespace().collect::<Vec<_>>().join(" ");
        match statement.strip_prefix("typedef ") {
            Some(definition) => read_type(header, definition),
            None => header.functions.extend(function(&statement)),
        }
    }
}

/// The text without comments and directives.
pub fn code(text: &str) -> String {
    let mut code = String::new();
    for (index, piece) in text.split("/*").enumerate() {
        let piece = if index == 0 { piece } else { piece.split_once("*/").map_or("", |it| it.1) };
        code.push_str(piece);
    }
    let mut in_directive = false;
    let lines = code.lines().filter(|line| {
        let skipped = in_directive || line.trim_start().starts_with('#');
        in_directive = skipped && line.ends_with('\\');
        !skipped
    });
    lines.collect::<Vec<_>>().join("\n").replace("extern \"C\" {", "")
}

/// What ends in a semicolon outside of braces.
pub fn statements(code: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0_usize;
    for c in code.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == ';' && depth == 0 {
            found.push(String::new());
        } else {
            found.last_mut().expect("one").push(c);
        }
    }
    // What follows the last semicolon is the end of `extern "C"`.
    found.pop();
    found
}

fn read_type(header: &mut Header, definition: &str) {
    if let Some((fields, name)) = definition.rsplit_once('}') {
        let is_sized = fields.starts_with("struct { size_t struct_size;");
        header.sized.extend(is_sized.then(|| name.trim().to_owned()));
    } else if let Some(names) = definition.strip_prefix("struct ") {
        let name = names.split(' ').next().expect("split gives one");
        header.handles.push(name.to_owned());
    }
}

fn function(statement: &str) -> Option<Function> {
    let (before, parameters) = statement.split_once('(')?;
    let (result, name) = split_name(before);
    let parameters = parameters.trim_end_matches(')').split(',').map(str::trim);
    let parameters = parameters.filter(|parameter| *parameter != "void").map(|parameter| {
        let (type_name, name) = split_name(parameter);
        Parameter { type_name, name }
    });
    Some(Function { name, result, parameters: parameters.collect() })
}

/// Splits a declaration into its type and the name at its end.
fn split_name(declaration: &str) -> (String, String) {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let type_name = declaration.trim_end_matches(is_name);
    (type_name.trim().to_owned(), declaration[type_name.len()..].to_owned())
}

#[test]
fn declarations_are_read_with_their_parameters() {
    let mut header = Header::default();
    let text = "\
#define TWICE(x) \\
    (2 * (x))
/* int not_this(void); */
extern \"C\" {
typedef struct thing thing;
typedef struct { size_t struct_size; int a; } options;
typedef void (*done_fn)(void *user_data);
/** Makes one. */
int thing_new(const options *options,
              thing **made);
const char *thing_name(void);
}
";
    read(&mut header, text);
    assert_eq!(header.handles, ["thing"]);
    assert_eq!(header.sized, ["options"]);
    let names: Vec<_> = header.functions.iter().map(|it| (&*it.result, &*it.name)).collect();
    assert_eq!(names, [("int", "thing_new"), ("const char *", "thing_name")]);
    let first = &header.functions[0].parameters;
    assert_eq!(first[0].points_to(1), Some("options"));
    assert_eq!((first[1].points_to(2), first[1].points_to(1)), (Some("thing"), None));
    assert!(header.functions[1].parameters.is_empty());
}
