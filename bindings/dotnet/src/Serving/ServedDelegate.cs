using System;
using Callgate.Abi;

namespace Callgate
{
    /// <summary>An object that serves an interface.</summary>
    internal sealed unsafe class ServedDelegate
    {
        private static readonly Trampoline<InvokeCallback> Invoking = new Trampoline<InvokeCallback>(OnInvoke);

        private readonly object _target;
        private readonly MethodTable _table;

        /// <summary>
        /// Creates the delegate of an object. If the object does not implement the interface, it serves those methods
        /// that its other interfaces share with it. Throws a <see cref="ContractMismatchException"/> if there are none.
        /// </summary>
        public ServedDelegate(object target, Type type, ServingContext context)
        {
            _target = target;
            try
            {
                _table = type.IsInstanceOfType(target) ? context.TableOf(type) : context.TableOf(type, target.GetType());
            }
            catch (ArgumentException refused)
            {
                throw new ContractMismatchException(refused.Message, refused);
            }
        }

        /// <summary>The callback for C; its user_data is a kept delegate.</summary>
        public static IntPtr Invoke => Invoking.Pointer;

        /// <summary>Passes it to C as the delegate that a factory created.</summary>
        public void PutInto(NativeDelegate* made)
        {
            made->Invoke = Invoke;
            made->UserData = UserData.Keep(this);
            made->UserDataFree = UserData.Free;
        }

        private static void OnInvoke(IntPtr userData, IntPtr call)
        {
            ProcessExit.Pass();
            var served = UserData.Get<ServedDelegate>(userData);
            IncomingCall.Serve(call, served._target, served._table);
        }
    }
}
