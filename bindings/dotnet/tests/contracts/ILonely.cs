namespace Callgate.Tests.Contracts
{
    public interface ILonely
    {
        string Where();
    }
}
