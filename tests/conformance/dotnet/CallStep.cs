using System.Text.RegularExpressions;
using Callgate;

/// <summary>The step "call": any method, used correctly or incorrectly.</summary>
internal static class CallStep
{
    public static void Play(Scenario it)
    {
        UntypedProxy proxy = it.Client.CreateProxy(it.Field("interface")!);
        var arguments = (object?[])it.Native("arguments")!;
        string method = it.Field("method")!;
        object? result;
        try
        {
            result = it.Field("signature") is string signature
                ? proxy.CallOverload(method, signature, arguments)
                : proxy.Call(method, arguments);
        }
        catch (CallgateException failure) when (it.Field("status") != null)
        {
            Compare(it, failure);
            return;
        }
        Steps.Equal(it.Field("result") ?? it.Field("status"), Description.Of(result));
    }

    private static void Compare(Scenario it, CallgateException failure)
    {
        Steps.Equal(it.Field("status"), Words(failure.Status.ToString()));
        Steps.Equal(it.Field("execution") ?? Words(failure.Execution.ToString()), Words(failure.Execution.ToString()));
        Steps.Equal(it.Field("type") ?? "", (failure as RemoteException)?.TypeName ?? "");
        Steps.Equal(it.Field("message") ?? failure.Message, failure.Message);
    }

    /// <summary>"ContractMismatch" as "contract mismatch".</summary>
    private static string Words(string name) => Regex.Replace(name, "(?<!^)[A-Z]", " $0").ToLowerInvariant();
}
