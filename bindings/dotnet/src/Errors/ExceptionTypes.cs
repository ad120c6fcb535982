using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The exceptions that are thrown for remote errors: a fixed list from the base library, and those that the program
    /// registered. A name on the wire is looked up only here.
    /// </summary>
    internal sealed class ExceptionTypes
    {
        private static readonly Type[] BaseLibrary =
        {
            typeof(Exception), typeof(SystemException), typeof(ApplicationException),
            typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException),
            typeof(ArithmeticException), typeof(DivideByZeroException), typeof(OverflowException),
            typeof(FormatException), typeof(IndexOutOfRangeException), typeof(InvalidCastException),
            typeof(InvalidOperationException), typeof(KeyNotFoundException), typeof(NotImplementedException),
            typeof(NotSupportedException), typeof(NullReferenceException), typeof(ObjectDisposedException),
            typeof(OperationCanceledException), typeof(System.Threading.Tasks.TaskCanceledException),
            typeof(RankException), typeof(TimeoutException), typeof(UnauthorizedAccessException),
            typeof(IOException), typeof(EndOfStreamException), typeof(FileNotFoundException),
            typeof(DirectoryNotFoundException), typeof(PathTooLongException), typeof(InvalidDataException),
            typeof(System.Security.SecurityException), typeof(System.Security.Authentication.AuthenticationException),
        };

        private static readonly Dictionary<string, Reviver> Fixed =
            BaseLibrary.ToDictionary(type => type.FullName!, ByConstructor);

        private readonly Dictionary<string, Reviver> _makers;
        private readonly Dictionary<Type, string> _names;

        public ExceptionTypes()
        {
            _makers = new Dictionary<string, Reviver>(Fixed);
            _names = new Dictionary<Type, string>();
        }

        /// <summary>A copy of a builder's exceptions: the builder may change while its hosts and clients are used.</summary>
        public ExceptionTypes(ExceptionTypes known)
        {
            _makers = new Dictionary<string, Reviver>(known._makers);
            _names = new Dictionary<Type, string>(known._names);
        }

        /// <summary>
        /// Registers an exception; without a name under its own, without a function to be created by its constructor.
        /// </summary>
        public void Add(Type type, string? name, Func<RemoteException, Exception>? make)
        {
            name ??= OwnName(type) ?? type.FullName!;
            _makers[name] = make == null ? ByConstructor(type) : ByFunction(make);
            _names[type] = name;
        }

        /// <summary>
        /// The name of an exception on the wire: the one registered for it or a base class, or the name of its type.
        /// </summary>
        public string NameOf(Exception raised)
        {
            if (raised is RemoteException remote)
                return remote.TypeName;
            for (Type? type = raised.GetType(); type != null; type = type.BaseType)
                if ((_names.TryGetValue(type, out string? name) ? name : OwnName(type)) is string found)
                    return found;
            return raised.GetType().FullName!;
        }

        /// <summary>The registered exception for a remote error, or else a <see cref="RemoteException"/>.</summary>
        public Exception Revive(ReceivedError error)
        {
            RemoteException remote = error.ToRemote(InnerOf(error, null));
            if (!_makers.ContainsKey(error.TypeName))
                return With(error, remote);
            // The RemoteException behind the last inner exception has the trace.
            RemoteException origin = error.ToRemote(null);
            Exception? revived = Make(error, InnerOf(error, origin));
            if (revived == null)
                return With(error, remote);
            RemoteErrors.Keep(revived, origin);
            return revived;
        }

        private Exception? InnerOf(ReceivedError error, Exception? last)
        {
            if (!(error.Parts.Inner is ReceivedError inner))
                return last;
            Exception? behind = InnerOf(inner, last);
            return Make(inner, behind) ?? With(inner, inner.ToRemote(behind));
        }

        /// <summary>An exception of a registered type, or null.</summary>
        private Exception? Make(ReceivedError error, Exception? inner)
        {
            if (!_makers.TryGetValue(error.TypeName, out Reviver? make))
                return null;
            try
            {
                return With(error, make(error, inner));
            }
            catch (Exception)
            {
                return null; // The program's constructor failed; the error itself matters more than its type.
            }
        }

        private static Exception With(ReceivedError error, Exception made)
        {
            error.Parts.PutInto(made);
            return made;
        }

        /// <summary>Creates an exception from a message and an inner exception, if its constructor takes them.</summary>
        public static Func<string, Exception?, Exception> Maker(Type type)
        {
            var message = Expression.Parameter(typeof(string));
            var inner = Expression.Parameter(typeof(Exception));
            foreach (Expression[] arguments in new[] { new Expression[] { message, inner }, new Expression[] { message }, new Expression[0] })
            {
                ConstructorInfo? constructor = type.GetConstructor(Array.ConvertAll(arguments, argument => argument.Type));
                if (constructor == null || type.IsAbstract)
                    continue;
                return Expression.Lambda<Func<string, Exception?, Exception>>(
                    Expression.New(constructor, arguments), message, inner).Compile();
            }
            throw new ArgumentException(
                $"{type} needs a public constructor that takes (string, Exception), (string) or nothing.");
        }

        private static Reviver ByConstructor(Type type)
        {
            var make = Maker(type);
            return (error, inner) => make(error.Parts.MessageFor(type, error.Message), inner);
        }

        private static Reviver ByFunction(Func<RemoteException, Exception> make) =>
            (error, inner) => make(error.ToRemote(inner));

        private static string? OwnName(Type type) => type.GetCustomAttribute<ExceptionNameAttribute>(inherit: false)?.Name;

        /// <summary>Creates an exception from an error and an inner exception.</summary>
        private delegate Exception Reviver(ReceivedError error, Exception? inner);
    }
}
