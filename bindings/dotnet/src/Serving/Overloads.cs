using System.Linq;

namespace Callgate
{
    /// <summary>
    /// Selects an overload: by the caller's signature, or without one, the first overload that takes the arguments.
    /// Overloads whose types match the arguments exactly are tried first. If several overloads take the same values, a
    /// caller without a signature is rejected, since any choice could be wrong.
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
                    $"{alike[0].Plan.Display}: there is no signature {signature} among {SignaturesOf(alike)}");

        private static ServedMethod Fitting(ServedMethod[] alike, MessageReader reader, int count)
        {
            ServedMethod first = First(alike, reader, count);
            if (first.Plan.NeedsSignature)
                throw new ContractMismatchException(
                    $"{first.Plan.Display}: the caller must name one of the signatures {SignaturesOf(alike)}");
            return first;
        }

        private static string SignaturesOf(ServedMethod[] alike) =>
            string.Join(", ", alike.Select(method => method.Plan.Signature));

        private static ServedMethod First(ServedMethod[] alike, MessageReader reader, int count) =>
            alike.FirstOrDefault(method => method.Takes(count) && FitsAll(method, reader, count, true))
                ?? alike.FirstOrDefault(method => method.Takes(count) && FitsAll(method, reader, count, false))
                ?? throw new ContractMismatchException(
                    $"{alike[0].Plan.Display}: none of {SignaturesOf(alike)} takes these {count} arguments");

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
