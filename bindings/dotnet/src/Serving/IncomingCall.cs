using System;
using System.Threading;
using System.Threading.Tasks;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>A call that a delegate serves: reads its arguments, and sends the reply.</summary>
    internal sealed unsafe class IncomingCall
    {
        // Each thread keeps one.
        [ThreadStatic]
        private static IncomingCall? t_idle;

        [ThreadStatic]
        private static IncomingCall? t_current;

        private readonly byte[] _space = new byte[512];
        private readonly MessageReader _reader = new MessageReader();
        private readonly MessageWriter _writer = new MessageWriter();
        private IntPtr _call;
        private ServedMethod _method = null!;
        private CancelWatch? _watch;
        private ServingContext _context = null!;
        private int _count;
        private bool _isRunning;

        /// <summary>The call that this thread is serving, or null.</summary>
        public static IncomingCall? Current => t_current;

        /// <summary>The C handle, while the call is being served.</summary>
        public IntPtr Handle => _call;

        /// <summary>The parent of the calls that an asynchronous method makes, while the method runs here.</summary>
        public ParentCall? Parent { get; private set; }

        /// <summary>Cancelled when the caller no longer waits.</summary>
        public CancellationToken Token => (_watch = new CancelWatch(_call, _context.Handlers)).Token;

        /// <summary>Serves a call with the methods of an interface.</summary>
        public static void Serve(IntPtr handle, object target, MethodTable table)
        {
            IncomingCall call = t_idle ?? new IncomingCall();
            IncomingCall? outer = t_current;
            t_idle = null;
            t_current = call;
            try
            {
                call._call = handle;
                call._context = table.Context;
                call._isRunning = false;
                fixed (byte* space = call._space)
                    call.Serve(target, table, space);
            }
            catch (Exception failure)
            {
                Fail(handle, failure, call._isRunning ? Execution.Ran : Execution.NotRun, table.Context);
            }
            finally
            {
                t_current = outer;
                call._reader.Finish();
                call._watch?.Dispose();
                call._watch = null;
                if (call._writer.IsKept)
                    t_idle = call;
            }
        }

        /// <summary>The next argument, or its default value.</summary>
        public T Next<T>(int at)
        {
            if (at >= _count)
                return _method.Plan.Sent[at].DefaultValue is T given ? given : default!;
            try
            {
                return ((Codec<T>)_method.Bound.Arguments[at]).Read(_reader);
            }
            catch (ContractMismatchException refused)
            {
                throw new ContractMismatchException($"{_method.Bound.DescribeArgument(at)}: {refused.Message}");
            }
        }

        /// <summary>All arguments have been read. A failure from here on means that the method ran.</summary>
        public void BeginRun() => _isRunning = true;

        public void Reply() => Native.callgate_call_reply(_call, null, UIntPtr.Zero, IntPtr.Zero);

        public void Reply<T>(T result)
        {
            Encode(_writer, _method, result);
            fixed (byte* data = _writer.Buffer)
                Native.callgate_call_reply(_call, data, (UIntPtr)_writer.Length, IntPtr.Zero);
        }

        public void ReplyLater(Task? task)
        {
            if (!IsOver(task))
                Defer().Follow(task!);
            else
                Reply();
        }

        public void ReplyLater<T>(Task<T>? task)
        {
            if (!IsOver(task))
                Defer().Follow(task!);
            else
                Reply(task!.Result);
        }

        public static void Encode<T>(MessageWriter writer, ServedMethod method, T result)
        {
            try
            {
                writer.Reset();
                ((Codec<T>)method.Bound.Result!).Write(writer, result);
            }
            catch (ContractMismatchException refused)
            {
                throw new ContractMismatchException($"the result of {method.Plan.Display}: {refused.Message}");
            }
        }

        private void Serve(object target, MethodTable table, byte* space)
        {
            NativeCallContent content;
            IntPtr error = IntPtr.Zero;
            int status = Native.callgate_call_read_into(_call, space, (UIntPtr)_space.Length, &content, ref error);
            Failures.Check(status, error);
            ServedMethod[]? alike = table.Find(content.Method);
            if (alike == null)
            {
                Native.callgate_call_fail_no_such_method(_call, IntPtr.Zero);
                return;
            }
            _reader.Begin(content.Arguments, content.ArgumentsLength);
            _count = _reader.ReadArray();
            string signature = Text.Read(Native.callgate_call_signature(_call, out UIntPtr signatureLength), signatureLength);
            _method = Overloads.Choose(alike, signature, _reader, _count);
            if (!_method.Takes(_count))
                throw new ContractMismatchException(
                    $"{_method.Plan.Display} takes {_method.Plan.Sent.Length} arguments, not {_count}");
            if (_method.Plan.IsTask)
                InvokeFlowing(target);
            else
                _method.Invoke(target, this);
        }

        private void InvokeFlowing(object target)
        {
            ParentCall.Current = Parent = new ParentCall(_call);
            try
            {
                _method.Invoke(target, this);
            }
            finally
            {
                ParentCall.Current = null;
                Parent?.End();
                Parent = null;
            }
        }

        /// <summary>Whether a task has ended. Throws its exception if it failed.</summary>
        private static bool IsOver(Task? task)
        {
            if (task == null)
                throw new InvalidOperationException("The delegate returned null instead of a task.");
            if (task.IsCompleted)
                task.GetAwaiter().GetResult();
            return task.IsCompleted;
        }

        private DeferredCall Defer()
        {
            var deferred = new DeferredCall(Parent!, _method, _context, _watch);
            // The deferred call owns them now.
            Parent = null;
            _watch = null;
            return deferred;
        }

        private static void Fail(IntPtr call, Exception failure, Execution execution, ServingContext context)
        {
            IntPtr made = Failures.Give(failure, execution, context);
            Native.callgate_call_fail_with(call, made, IntPtr.Zero);
            Native.callgate_error_free(made);
        }
    }
}
