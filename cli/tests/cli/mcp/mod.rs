//! `mcp`, as a program that offers tools to a model uses it.

mod calls;
mod hostile;
mod protocol;
mod tools;

use std::io::Write;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::Receiver;

use serde_json::{json, Value};

use crate::support::{lines, tool, LIMIT};

/// A run of the tool, with what a client needs to talk to it.
struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    /// The lines of its standard error.
    errors: Receiver<String>,
    next: u64,
}

impl Talk {
    /// Starts it with these interfaces.
    fn start(endpoint: &str, interfaces: &[&str], options: &[&str]) -> Talk {
        let mut arguments = vec!["mcp", endpoint];
        interfaces.iter().for_each(|interface| arguments.extend(["--interface", interface]));
        arguments.extend(options);
        let mut command = tool(&arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        let errors = lines(child.stderr.take().expect("it is piped"));
        let output = lines(child.stdout.take().expect("it is piped"));
        Talk { input: child.stdin.take(), output, errors, child, next: 0 }
    }

    /// Starts it and opens as clients did up to 2025-11-25.
    fn open(endpoint: &str, interfaces: &[&str], options: &[&str]) -> Talk {
        let mut talk = Talk::start(endpoint, interfaces, options);
        let params = json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let opened = talk.ask("initialize", params);
        assert_eq!(opened["result"]["protocolVersion"], "2025-06-18", "{opened}");
        talk.tell("notifications/initialized", json!({}));
        talk
    }

    fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(format!("{line}\n").as_bytes()).expect("it reads");
    }

    /// The next message.
    fn read(&self) -> Value {
        let line = self.output.recv_timeout(LIMIT).expect("it writes a line");
        let message: Value = serde_json::from_str(&line).expect("a line is JSON");
        assert_eq!(message["jsonrpc"], "2.0");
        message
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string());
    }

    /// Sends a request, and returns its id.
    fn request(&mut self, method: &str, params: Value) -> u64 {
        self.next += 1;
        let message =
            json!({ "jsonrpc": "2.0", "id": self.next, "method": method, "params": params });
        self.write(&message.to_string());
        self.next
    }

    /// Sends a request, and returns what comes next, which must be the reply.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let reply = self.read();
        assert_eq!(reply["id"], id, "{reply}");
        reply
    }

    /// The tools.
    fn list(&mut self) -> Vec<Value> {
        let reply = self.ask("tools/list", json!({}));
        reply["result"]["tools"].as_array().unwrap_or_else(|| panic!("{reply}")).clone()
    }

    /// The result of a tool.
    fn call(&mut self, name: &str, arguments: Value) -> Value {
        self.ask("tools/call", json!({ "name": name, "arguments": arguments }))["result"].clone()
    }

    /// The text that a tool returns.
    fn returned(&mut self, name: &str, arguments: Value) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["isError"], false, "{result}");
        text(&result)
    }

    /// The text of the error with which a tool fails.
    fn failed(&mut self, name: &str, arguments: Value) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["isError"], true, "{result}");
        assert!(result.get("structuredContent").is_none(), "{result}");
        text(&result)
    }

    /// Ends its input, and returns its exit code.
    fn end(mut self) -> i32 {
        self.input.take();
        while self.output.recv_timeout(LIMIT).is_ok() {}
        self.child.wait().expect("it ends").code().expect("an exit code")
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn text(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{result}")).into()
}
