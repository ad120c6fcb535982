using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Serialization;

namespace Callgate.Tests
{
    public class Account
    {
        public Account()
        {
        }

        public Account(string owner, int balance)
        {
            Owner = owner;
            Balance = balance;
        }

        public string? Owner { get; private set; }

        public int Balance { get; internal set; }

        public string? Branch { get; protected set; }

        public void Move(string branch) => Branch = branch;
    }

    /// <summary>It inherits the setters of its base class.</summary>
    public sealed class SavingsAccount : Account
    {
        public SavingsAccount()
        {
        }

        public SavingsAccount(string owner) : base(owner, 0)
        {
        }

        public double Rate { get; private set; } = 0.5;
    }

    public sealed class Basket
    {
        private readonly List<string> _notes = new List<string>();

        public List<string> Items { get; } = new List<string> { "bag" };

        public IDictionary<string, int> Prices { get; } = new Dictionary<string, int>();

        public ISet<int> Shelves { get; } = new HashSet<int>();

        public IList<string> Notes => _notes;

        public int Count => Items.Count;
    }

    public class Animal
    {
        public object? Owner { get; set; }

        public string Name { get; set; } = "";

        public virtual string Sound { get; set; } = "";

        public virtual int Age { get; set; }
    }

    public class Dog : Animal
    {
        public new string? Owner { get; set; }

        public new string Name => base.Name.ToUpperInvariant();

        public override string Sound => base.Sound;

        public override int Age
        {
            set => base.Age = value;
        }
    }

    public sealed class Mixed
    {
        public Mixed()
        {
        }

        public Mixed(int id) => Id = id;

        public int Id { get; }

        public string? Text { get; set; }
    }

    public sealed class WithGetter
    {
        public WithGetter()
        {
        }

        public WithGetter(string other) => Name = other;

        public string? Name { get; }

        public int Number { get; set; }
    }

    public abstract class WithAbstractGetter
    {
        public abstract string Name { get; }
    }

    public sealed class WithOverridingGetter : WithAbstractGetter
    {
        public override string Name { get; } = "mine";

        public int Number { get; set; }
    }

    public sealed class WithArray
    {
        public int[] Numbers { get; } = new int[3];

        public int Number { get; set; }
    }

    public sealed class WithReadOnlyField
    {
        public readonly int Field = 1;

        public int Number { get; set; }
    }

    public sealed class WithIgnored
    {
        [NonSerialized]
        public int Cache;

        [IgnoreDataMember]
        public string? Name { get; } = "mine";

        [IgnoreDataMember]
        public object Lock { get; set; } = new object();

        public int Number { get; set; }
    }

    public sealed class NullBasket
    {
        public List<string> Items { get; } = null!;

        public int Number { get; set; }
    }

    public sealed class Album : List<string>
    {
        public string? Title { get; set; }
    }

    /// <summary>What is sent arrives, or is rejected.</summary>
    internal static class LosslessTests
    {
        private static readonly Serializer Values = new Serializer();

        [Test]
        private static void SettersNeedNotBePublic()
        {
            var account = new SavingsAccount("Ada") { Balance = 7 };
            account.Move("London");
            SavingsAccount copy = Copy(account);
            Check.Equal(("Ada", 7, "London", 0.5), (copy.Owner, copy.Balance, copy.Branch, copy.Rate));
            Check.Equal(("Grace", 3), (Copy(new Account("Grace", 3)).Owner, Copy(new Account("Grace", 3)).Balance));
        }

        [Test]
        private static void CollectionsWithoutASetterAreFilled()
        {
            var basket = new Basket { Items = { "tea" }, Prices = { ["tea"] = 3 }, Shelves = { 4 }, Notes = { "soon" } };
            Basket copy = Copy(basket);
            Check.Same(new[] { "bag", "tea" }, copy.Items);
            Check.Equal(3, copy.Prices["tea"]);
            Check.Same(new[] { 4 }, copy.Shelves);
            Check.Same(new[] { "soon" }, copy.Notes);
            Check.Contains("NullBasket.Items is null", Check.Throws<ContractMismatchException>(
                () => Values.Decode<NullBasket>(Values.Encode(new Dictionary<string, object> { ["Items"] = new[] { "a" } }))).Message);
        }

        [Test]
        private static void HiddenAndOverriddenPropertiesTravel()
        {
            var dog = new Dog { Owner = "Ada", Age = 5 };
            ((Animal)dog).Owner = "Grace";
            ((Animal)dog).Name = "Rex";
            ((Animal)dog).Sound = "wuff";
            Dog copy = Copy(dog);
            Check.Equal(("Ada", "REX", "wuff", 5), (copy.Owner, copy.Name, copy.Sound, copy.Age));
            Check.Equal("Grace", ((Animal)copy).Owner);
        }

        [Test]
        private static void TheConstructorIsOneThatLosesNothing()
        {
            Mixed copy = Copy(new Mixed(5) { Text = "five" });
            Check.Equal((5, "five"), (copy.Id, copy.Text));
        }

        [Test]
        private static void WhatWouldBeLostIsRefused()
        {
            void Refused<T>(T value, string member) =>
                Check.Contains(member, Check.Throws<ArgumentException>(() => Values.Encode(value)).Message);
            Refused(new WithGetter("x"), "WithGetter.Name");
            Refused(new WithOverridingGetter(), "WithAbstractGetter.Name");
            Refused(new WithArray(), "WithArray.Numbers");
            Refused(new WithReadOnlyField(), "WithReadOnlyField.Field");
            Refused(new Album { Title = "Best of" }, "Album.Title");
        }

        [Test]
        private static void WhatIsMarkedStaysHere()
        {
            var copy = Copy(new WithIgnored { Number = 5, Cache = 6 });
            Check.Equal((5, 0, "mine"), (copy.Number, copy.Cache, copy.Name));
            Check.Equal(1, Values.Decode<Dictionary<string, object>>(Values.Encode(copy)).Count);
        }

        [Test]
        private static void MembersOfADerivedTypeAreNotCutOff()
        {
            string why = Check.Throws<ContractMismatchException>(() => Values.Encode<Account>(new SavingsAccount("Ada"))).Message;
            Check.Contains("Rate", why);
            Check.Equal("Tom", Values.Decode<Animal>(Values.Encode<Animal>(new Cat { Name = "Tom" })).Name);
        }

        [Test]
        private static void MembersOfATypeThatIsMadeAtRunTimeAreNoData()
        {
            // Like libraries that derive from a program's types for lazy loading.
            var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Lazy"), AssemblyBuilderAccess.Run);
            TypeBuilder type = assembly.DefineDynamicModule("Lazy").DefineType("LazyAnimal", TypeAttributes.Public, typeof(Animal));
            type.DefineField("interceptor", typeof(object), FieldAttributes.Public);
            var lazy = (Animal)Activator.CreateInstance(type.CreateTypeInfo()!.AsType())!;
            lazy.Name = "Tom";
            Check.Equal("Tom", Copy(lazy).Name);
        }

        private static T Copy<T>(T value) => Values.Decode<T>(Values.Encode(value));

        private sealed class Cat : Animal
        {
        }
    }
}
