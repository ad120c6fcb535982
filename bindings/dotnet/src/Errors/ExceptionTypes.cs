using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Linq.Expressions;
using System.Reflection;

namespace Callgate
{
    /// <summary>
    /// The exceptions that are re-thrown as themselves: a fixed list of the base library's, and those that
    /// the program added. A name on the wire is looked up here and nowhere else.
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

        private static readonly Dictionary<string, Func<RemoteException, Exception>> Fixed =
            BaseLibrary.ToDictionary(type => type.FullName!, Reviver);

        private readonly Dictionary<string, Func<RemoteException, Exception>> _makers;
        private readonly Dictionary<Type, string> _names;

        public ExceptionTypes()
        {
            _makers = new Dictionary<string, Func<RemoteException, Exception>>(Fixed);
            _names = new Dictionary<Type, string>();
        }

        /// <summary>Those that a builder knows now: it may go on while its hosts and clients are used.</summary>
        public ExceptionTypes(ExceptionTypes known)
        {
            _makers = new Dictionary<string, Func<RemoteException, Exception>>(known._makers);
            _names = new Dictionary<Type, string>(known._names);
        }

        /// <summary>Knows one more; without a name under its own, without a maker by its constructor.</summary>
        public void Add(Type type, string? name, Func<RemoteException, Exception>? make)
        {
            name ??= OwnName(type) ?? type.FullName!;
            _makers[name] = make ?? Reviver(type);
            _names[type] = name;
        }

        /// <summary>The name of an exception on the wire: what it, or what it derives from, was given, or its type's.</summary>
        public string NameOf(Exception raised)
        {
            for (Type? type = raised.GetType(); type != null; type = type.BaseType)
                if ((_names.TryGetValue(type, out string? name) ? name : OwnName(type)) is string found)
                    return found;
            return raised.GetType().FullName!;
        }

        /// <summary>The exception that a remote error stands for, if it is known; else the error.</summary>
        public Exception Revive(RemoteException remote)
        {
            if (!_makers.TryGetValue(remote.TypeName, out var make))
                return remote;
            try
            {
                Exception revived = make(remote);
                RemoteErrors.Keep(revived, remote);
                return revived;
            }
            catch (Exception)
            {
                return remote; // What it tells matters more than its type, whose constructor is the program's.
            }
        }

        /// <summary>Makes an exception of a message and an inner exception, as far as its type takes them.</summary>
        public static Func<string, Exception, Exception> Maker(Type type)
        {
            var message = Expression.Parameter(typeof(string));
            var inner = Expression.Parameter(typeof(Exception));
            foreach (Expression[] arguments in new[] { new Expression[] { message, inner }, new Expression[] { message }, new Expression[0] })
            {
                ConstructorInfo? constructor = type.GetConstructor(Array.ConvertAll(arguments, argument => argument.Type));
                if (constructor == null || type.IsAbstract)
                    continue;
                return Expression.Lambda<Func<string, Exception, Exception>>(
                    Expression.New(constructor, arguments), message, inner).Compile();
            }
            throw new ArgumentException(
                $"{type} needs a public constructor that takes (string, Exception), (string) or nothing.");
        }

        private static Func<RemoteException, Exception> Reviver(Type type)
        {
            var make = Maker(type);
            return remote => make(remote.Message, remote);
        }

        private static string? OwnName(Type type) => type.GetCustomAttribute<ExceptionNameAttribute>(inherit: false)?.Name;
    }
}
