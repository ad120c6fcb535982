using System.Threading.Tasks;
using Callgate;

namespace Contracts
{
    /// <summary>A contract of a library for .NET Standard 2.0, which programs for every framework share.</summary>
    [InterfaceName("IDoorbell")]
    public interface IDoorbell
    {
        int Ring(int times);

        Task<int> RingLater(int times);

        [RpcNonBlocking]
        void Knock();

        int Knocks();
    }
}
