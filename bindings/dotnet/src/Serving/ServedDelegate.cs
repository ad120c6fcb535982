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
        /// An object that does not implement the interface serves those of its methods that another of the object's
        /// interfaces has. Throws a <see cref="ContractMismatchException"/> if there is none.
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

        /// <summary>What C calls; its user_data is a delegate that is kept.</summary>
        public static IntPtr Invoke => Invoking.Pointer;

        /// <summary>Gives it to C as the delegate that a factory made.</summary>
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
