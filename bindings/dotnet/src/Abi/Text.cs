using System;
using System.Text;

namespace Callgate.Abi
{
    /// <summary>Text as C wants it and gives it.</summary>
    internal static unsafe class Text
    {
        private static readonly UTF8Encoding Utf8 = new UTF8Encoding(false, throwOnInvalidBytes: false);

        /// <summary>A name, with its NUL at the end.</summary>
        public static byte[] Name(string name)
        {
            if (name == null)
                throw new ArgumentNullException(nameof(name));
            if (name.IndexOf('\0') >= 0)
                throw new ArgumentException("A name cannot hold NUL.", nameof(name));
            return Utf8.GetBytes(name + "\0");
        }

        /// <summary>Text in bytes; halves of surrogate pairs become U+FFFD.</summary>
        public static byte[] Bytes(string text) => Utf8.GetBytes(text);

        /// <summary>What C handed out.</summary>
        public static string Read(byte* text, UIntPtr length) =>
            length == UIntPtr.Zero ? "" : Utf8.GetString(text, checked((int)length));

        /// <summary>A NUL-terminated name.</summary>
        public static string ReadName(byte* name)
        {
            int length = 0;
            while (name[length] != 0)
                length++;
            return Utf8.GetString(name, length);
        }
    }
}
