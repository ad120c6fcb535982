using System.Linq;

namespace Callgate
{
    /// <summary>
    /// Chooses among methods of one name: by the caller's signature, or where it gave none, the first that
    /// takes so many arguments and whose types fit, those that fit at first sight before the others.
    /// </summary>
    internal static class Overloads
    {
        public static ServedMethod Choose(ServedMethod[] alike, string signature, MessageReader reader, int count) =>
            signature.Length > 0 ? Named(alike, signature)
            : alike.Length == 1 ? alike[0]
            : Fitting(alike, reader, count);

        private static ServedMethod Named(ServedMethod[] alike, string signature) =>
            alike.FirstOrDefault(method => method.Plan.Signature == signature)
                ?? throw new ContractMismatchException($"{alike[0].Plan.Display} has no signature {signature}");

        private static ServedMethod Fitting(ServedMethod[] alike, MessageReader reader, int count) =>
            alike.FirstOrDefault(method => method.Takes(count) && FitsAll(method, reader, count, true))
                ?? alike.FirstOrDefault(method => method.Takes(count) && FitsAll(method, reader, count, false))
                ?? throw new ContractMismatchException(
                    $"none of the {alike.Length} methods {alike[0].Plan.Display} takes these {count} arguments");

        private static bool FitsAll(ServedMethod method, MessageReader reader, int count, bool isStrict)
        {
            long begin = reader.Position;
            try
            {
                return method.Fits.Take(count).All(fit => fit(reader, isStrict));
            }
            finally
            {
                reader.Position = begin;
            }
        }
    }
}
