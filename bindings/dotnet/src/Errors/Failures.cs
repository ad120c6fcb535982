using System;
using System.Threading;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>Converts errors of the C library to exceptions, and exceptions to errors of the C library.</summary>
    internal static unsafe class Failures
    {
        /// <summary>Throws the error of a failed operation, and frees the error.</summary>
        public static void Check(int status, IntPtr error)
        {
            if (status != 0)
                throw Take(status, error, null, default);
        }

        /// <summary>Converts an error to an exception, and frees the error.</summary>
        public static Exception Take(int status, IntPtr error, ExceptionTypes? known, CancellationToken token)
        {
            try
            {
                return Read(status, error, known, token);
            }
            finally
            {
                Native.callgate_error_free(error);
            }
        }

        /// <summary>Converts an error, which the caller still owns, to an exception.</summary>
        public static Exception Read(int status, IntPtr error, ExceptionTypes? known, CancellationToken token)
        {
            string message = Text.Read(Native.callgate_error_message(error, out UIntPtr length), length);
            var execution = (Execution)Native.callgate_error_execution(error);
            if (status == (int)Status.RemoteError)
                return ReadRemote(error, message, known);
            if (status == (int)Status.Cancelled)
                return new CallCancelledException(message, execution, token);
            IntPtr cause = Native.callgate_error_cause(error);
            Exception? inner = cause == IntPtr.Zero
                ? null
                : Read(Native.callgate_error_status(cause), cause, known, token);
            CallgateException made = Make((Status)status, message, inner);
            made.Execution = execution;
            made.OsCode = Native.callgate_error_os_code(error);
            return made;
        }

        /// <summary>Converts an exception that a delegate or its factory threw to the error that its caller gets.</summary>
        public static IntPtr Give(Exception raised, Execution execution, ServingContext context) =>
            Give(raised, execution, context.Known, context.RemoteTraces);

        /// <summary>Converts an exception to an error: a contract mismatch keeps its status, all others are remote errors.</summary>
        public static IntPtr Give(Exception raised, Execution execution, ExceptionTypes known, bool traced)
        {
            var remote = raised as RemoteException;
            bool mismatch = raised is ContractMismatchException;
            byte[] name = Text.Name(remote?.TypeName ?? known.NameOf(raised));
            byte[] message = Text.Bytes(remote == null ? MessageOf(raised) : remote.Message);
            // A RemoteException may have the trace of another process.
            byte[] trace = Text.Bytes(!traced ? "" : remote == null ? TraceOf(raised) : remote.RemoteTrace);
            byte[] data = (raised.GetDetails() ?? ExceptionParts.Describe(raised, known)) is object details
                ? EncodeDetails(details)
                : new byte[0];
            fixed (byte* nameAt = name, messageAt = message, traceAt = trace, dataAt = data)
            {
                var parts = new NativeErrorParts
                {
                    StructSize = (UIntPtr)sizeof(NativeErrorParts),
                    Status = (int)(mismatch ? Status.ContractMismatch : Status.RemoteError),
                    Execution = (int)execution,
                    Message = messageAt,
                    MessageLength = (UIntPtr)message.Length,
                };
                if (!mismatch)
                {
                    parts.TypeName = nameAt;
                    parts.Trace = traceAt;
                    parts.TraceLength = (UIntPtr)trace.Length;
                    parts.Data = dataAt;
                    parts.DataLength = (UIntPtr)data.Length;
                }
                Native.callgate_error_new(&parts, out IntPtr made, IntPtr.Zero);
                return made;
            }
        }

        private static Exception ReadRemote(IntPtr error, string message, ExceptionTypes? known)
        {
            string name = Text.Read(Native.callgate_error_type_name(error, out UIntPtr nameLength), nameLength);
            string trace = Text.Read(Native.callgate_error_trace(error, out UIntPtr traceLength), traceLength);
            byte* data = Native.callgate_error_data(error, out UIntPtr dataLength);
            var received = new ReceivedError(name, message, trace, DecodeDetails(data, dataLength));
            return known?.Revive(received) ?? received.ToRemote(null);
        }

        private static CallgateException Make(Status status, string message, Exception? inner)
        {
            switch (status)
            {
                case Status.ContractMismatch: return new ContractMismatchException(message, inner);
                case Status.ChannelFaulted: return new ChannelFaultedException(message, inner);
                case Status.TimedOut: return new CallTimedOutException(message, inner);
                case Status.Closed: return new ChannelClosedException(message, inner);
                case Status.InitialisationFailed: return new InitialisationFailedException(message, inner);
                default: return new CallgateException(message, status, inner);
            }
        }

        /// <summary>The message of an exception. The program's code creates it, which may throw.</summary>
        public static string MessageOf(Exception raised)
        {
            try
            {
                return raised.Message;
            }
            catch (Exception failure)
            {
                return $"(no message: Message of the exception threw {failure.GetType().Name})";
            }
        }

        private static string TraceOf(Exception raised)
        {
            try
            {
                return raised.ToString();
            }
            catch (Exception)
            {
                return raised.StackTrace ?? "";
            }
        }

        /// <summary>A value as MessagePack; empty if it cannot be sent.</summary>
        public static byte[] EncodeDetails(object details)
        {
            try
            {
                return Serializer.Default.Encode(details);
            }
            catch (Exception)
            {
                // The error itself matters more than its data, which the program's code may fail to encode.
                return new byte[0];
            }
        }

        private static object? DecodeDetails(byte* data, UIntPtr length)
        {
            if (length == UIntPtr.Zero)
                return null;
            try
            {
                var reader = new MessageReader();
                MessageReader.Check(data, length);
                reader.Begin(data, length);
                return Serializer.Default.GetCodec<object>().Read(reader);
            }
            catch (ContractMismatchException)
            {
                return null; // The error itself matters more than its data.
            }
        }
    }
}
