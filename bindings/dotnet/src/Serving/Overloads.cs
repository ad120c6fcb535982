using System.Linq;

namespace Callgate
{
    /// <summary>
    /// Chooses among methods of one name: by the caller's signature, or without one, the first that takes the
    /// arguments, methods that fit at first sight before the others. Where several take the same values, a
    /// caller without a signature is refused: any choice could be the wrong one.
    /// </summary>
    internal static class Overloads
    {
        public static ServedMethod Choose(ServedMethod[] alike, string signature, MessageReader reader, int count) =>
            signature.Length > 0 ? Named(alike, signature)
            : alike.Length == 1 ? alike[0]
            : Fitting(alike, reader, count);

        private static ServedMethod Named(ServedMethod[] alike, string signature) =>
            alike.FirstOrDefault(method => method.Plan.Signature == signature)
                ?? throw new ContractMismatchException(
                    $"{alike[0].Plan.Display} has no signature {signature}, but {SignaturesOf(alike)}");

        private static ServedMethod Fitting(ServedMethod[] alike, MessageReader reader, int count)
        {
            ServedMethod first = First(alike, reader, count);
            if (first.Plan.NeedsSignature)
                throw new ContractMismatchException(
                    $"several methods {first.Plan.Display} take these {count} arguments; call one by its signature: {SignaturesOf(alike)}");
            return first;
        }

        private static string SignaturesOf(ServedMethod[] alike) =>
            string.Join(", ", alike.Select(method => method.Plan.Signature));

        private static ServedMethod First(ServedMethod[] alike, MessageReader reader, int count) =>
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
