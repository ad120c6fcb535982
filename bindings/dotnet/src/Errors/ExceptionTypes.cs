using System;
using System.Collections.Generic;
using System.IO;
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

        private static readonly Dictionary<string, Func<string, Exception, Exception>> Fixed = MakeFixed();

        private readonly Dictionary<string, Func<string, Exception, Exception>> _makers =
            new Dictionary<string, Func<string, Exception, Exception>>(Fixed);

        /// <summary>Knows one more, under its full name.</summary>
        public void Add(Type type) => _makers[type.FullName!] = Maker(type);

        /// <summary>The exception itself with the remote error inside, or the remote error.</summary>
        public Exception Revive(RemoteException remote)
        {
            if (!_makers.TryGetValue(remote.TypeName, out var make))
                return remote;
            Exception revived = make(remote.Message, remote);
            revived.Data[RemoteErrors.TraceKey] = remote.RemoteTrace;
            return revived;
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

        private static Dictionary<string, Func<string, Exception, Exception>> MakeFixed()
        {
            var made = new Dictionary<string, Func<string, Exception, Exception>>();
            foreach (Type type in BaseLibrary)
                made[type.FullName!] = Maker(type);
            return made;
        }
    }
}
