using System;
using System.Collections;
using System.Collections.Generic;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>
    /// An event of a log: a whole sentence for people, and what it is about as fields for programs. No text contains
    /// control characters or line ends, whatever a peer sent. As a list it has the fields that apply, by name, which is
    /// the state that structured loggers expect.
    /// </summary>
    public sealed class LogEvent : IReadOnlyList<KeyValuePair<string, object?>>
    {
        /// <summary>
        /// The formatter to pass to an ILogger of Microsoft.Extensions.Logging, with the event as its state.
        /// </summary>
        public static readonly Func<LogEvent, Exception?, string> Format = (logEvent, _) => logEvent.Message;

        private readonly List<KeyValuePair<string, object?>> _fields = new List<KeyValuePair<string, object?>>();

        internal LogEvent(LogLevel level, string message, ulong? count)
        {
            Level = level;
            Target = "callgate::connection";
            Message = message;
            Count = count;
            ListFields();
        }

        internal unsafe LogEvent(NativeLogEvent native)
        {
            Level = (LogLevel)native.Level;
            Target = Text.ReadName(native.Target);
            Message = Text.Read(native.Message, native.MessageLength);
            ConnectionId = native.Connection == 0 ? (ulong?)null : native.Connection;
            Endpoint = Name(native.Endpoint);
            PeerUser = Name(native.PeerUser);
            PeerProcessId = native.PeerProcessId < 0 ? (long?)null : native.PeerProcessId;
            InterfaceName = Name(native.InterfaceName);
            Method = Name(native.Method);
            Status = native.Status == 0 ? (Status?)null : (Status)native.Status;
            Count = native.Count == 0 ? (ulong?)null : native.Count;
            ListFields();
        }

        /// <summary>The severity.</summary>
        public LogLevel Level { get; }

        /// <summary>
        /// The severity as the number that Microsoft.Extensions.Logging.LogLevel gives it: 4 for an error, 3 for a
        /// warning, 2 for information, 1 for details.
        /// </summary>
        public int ExtensionsLevel => 5 - (int)Level;

        /// <summary>
        /// What the event comes from: "callgate::host", "callgate::client", "callgate::connection" or
        /// "callgate::transport".
        /// </summary>
        public string Target { get; }

        /// <summary>What happened, on one line of at most about 8 KiB.</summary>
        public string Message { get; }

        /// <summary>The connection's number: see <see cref="Connection.ConnectionId"/>.</summary>
        public ulong? ConnectionId { get; }

        /// <summary>The endpoint that the host listens on or the client connects to.</summary>
        public string? Endpoint { get; }

        /// <summary>The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows.</summary>
        public string? PeerUser { get; }

        /// <summary>The peer's process. For information, never as proof: process ids are reused.</summary>
        public long? PeerProcessId { get; }

        /// <summary>The interface of the call.</summary>
        public string? InterfaceName { get; }

        /// <summary>The method of the call.</summary>
        public string? Method { get; }

        /// <summary>The status of the error that the message describes.</summary>
        public Status? Status { get; }

        /// <summary>How many events this one stands for: those left out of the log, or the one-way calls lost.</summary>
        public ulong? Count { get; }

        /// <summary>The number of fields that apply.</summary>
        int IReadOnlyCollection<KeyValuePair<string, object?>>.Count => _fields.Count;

        /// <summary>A field that applies, with its name.</summary>
        KeyValuePair<string, object?> IReadOnlyList<KeyValuePair<string, object?>>.this[int index] => _fields[index];

        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        /// <summary>The message.</summary>
        public override string ToString() => Message;

        private static unsafe string? Name(byte* text) => *text == 0 ? null : Text.ReadName(text);

        private void ListFields()
        {
            Add(nameof(Target), Target);
            Add(nameof(ConnectionId), ConnectionId);
            Add(nameof(Endpoint), Endpoint);
            Add(nameof(PeerUser), PeerUser);
            Add(nameof(PeerProcessId), PeerProcessId);
            Add(nameof(InterfaceName), InterfaceName);
            Add(nameof(Method), Method);
            Add(nameof(Status), Status);
            Add(nameof(Count), Count);
        }

        private void Add(string name, object? value)
        {
            if (value != null)
                _fields.Add(new KeyValuePair<string, object?>(name, value));
        }
    }
}
