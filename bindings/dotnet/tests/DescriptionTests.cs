using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Threading;
using System.Threading.Tasks;

namespace Callgate.Tests
{
    /// <summary>What interfaces become in an OpenRPC document.</summary>
    internal static class DescriptionTests
    {
        private const string Int = "{'type':'integer','format':'int32'}";
        private const string Text = "{'type':'string'}";
        private const string Null = "{'type':'null'}";

        [Test]
        public static void Methods() => Check.Equal(
            Json("{'openrpc':'1.3.2','info':{'title':'IBook','version':'1','description':'A book.'},'methods':["
                + "{'name':'Open','paramStructure':'by-position','description':'Opens it.','params':["
                + $"{{'name':'page','required':true,'description':'Which page.','schema':{Int}}},"
                + "{'name':'word','required':false,'schema':{'anyOf':[" + Text + "," + Null + "],'default':null}}],"
                + $"'result':{{'name':'result','schema':{Text}}},'x-callgate-errors':['Full','Empty']}},"
                + "{'name':'Note','paramStructure':'by-position','params':[]}]}"),
            Descriptions.Of(typeof(IBook)));

        [Test]
        public static void Types()
        {
            Is(Int, typeof(int));
            Is("{'type':'integer','format':'uint64'}", typeof(ulong));
            Is("{'type':'number','format':'double'}", typeof(double));
            Is($"{{'anyOf':[{Int},{Null}]}}", typeof(int?));
            Is("{'type':'string','x-callgate-type':'timestamp'}", typeof(DateTime));
            Is("{'type':'string','format':'uuid'}", typeof(Guid));
            Is("{}", typeof(object));
            Is(MaybeNull("{'type':'string','x-callgate-type':'binary'}"), typeof(byte[]));
            Is(MaybeNull($"{{'type':'array','items':{Int}}}"), typeof(List<int>));
            Is(MaybeNull($"{{'type':'object','additionalProperties':{Int}}}"), typeof(Dictionary<string, int>));
            Is(
                MaybeNull($"{{'type':'object','additionalProperties':{Int},'x-callgate-keys':{Int}}}"),
                typeof(IDictionary<int, int>));
            Is($"{{'type':'array','prefixItems':[{Int},{Int}],'items':false}}", typeof((int, int)));
            Is("{'$ref':'#/components/schemas/Colour'}", typeof(Colour));
        }

        [Test]
        public static void Records() => Check.Contains(
            Json("'components':{'schemas':{'Book':{'type':'object','properties':{"
                + $"'Pages':{Int},'Title':{Text},'Next':{{'anyOf':[{{'$ref':'#/components/schemas/Book'}},{Null}]}}}},"
                + "'required':['Pages'],'x-callgate-complete':true}"),
            Descriptions.Of(typeof(IShelf)));

        [Test]
        public static void AnnotationsOfNullAreRead()
        {
            string found = Descriptions.Of(typeof(IAnnotated));
            Check.Contains(Json($"{{'type':'object','additionalProperties':{{'type':'array','items':{{'anyOf':[{Text},{Null}]}}}}}}"), found);
            Check.Contains(Json($"'result','schema':{{'anyOf':[{Text},{Null}]}}"), found);
            Check.That(!found.Contains("x-callgate-accepted"), found);
        }

        [Test]
        public static void Overloads()
        {
            string found = Descriptions.Of(typeof(IIntOrText));
            Check.Contains(Json("{'name':'Take_Int32','x-callgate-method':'Take','x-callgate-signature':'Take_Int32'"), found);
            Check.Contains(Json("{'name':'Take_String','x-callgate-method':'Take','x-callgate-signature':'Take_String'"), found);
        }

        [Test]
        public static void Callbacks()
        {
            Check.Contains(Json("'x-callgate-callback':{'openrpc'"), Descriptions.Of(typeof(IWithEar)));
            Check.Equal(Descriptions.Of(typeof(IWithEar)), Descriptions.Of(typeof(IInt), typeof(IEar)));
        }

        [Test]
        public static void WhatTheProgramsOwnCodecsSendIsAnyValue()
        {
            var serializer = new Serializer();
            serializer.Add(new OwnCodec());
            Check.Contains(Json("'name':'page','required':true,'description':'Which page.','schema':{}"),
                Descriptions.Of(typeof(IBook), serializer: serializer));
        }

        private static void Is(string expected, Type type)
        {
            string found = Descriptions.Of(typeof(IOf<>).MakeGenericType(type));
            Check.Contains(Json($"'name':'it','required':true,'schema':{expected}}}"), found);
        }

        /// <summary>The value of a generic parameter may be null, or not.</summary>
        private static string MaybeNull(string schema) =>
            $"{{'anyOf':[{schema},{{'type':'null','x-callgate-accepted':true}}]}}";

        private static string Json(string quoted) => quoted.Replace('\'', '"');

        private sealed class OwnCodec : Codec<int>
        {
            public override void Write(MessageWriter writer, int value) => writer.Write($"{value}");

            public override int Read(MessageReader reader) => int.Parse(reader.ReadString());
        }
    }

#nullable disable
    internal interface IOf<T>
    {
        void Take(T it);
    }
#nullable enable

    [InterfaceName("IBook")]
    [Description("A book.")]
    internal interface IBook
    {
        [Description("Opens it.")]
        [Throws("Full", "Empty")]
        Task<string> Open([Description("Which page.")] int page, string? word = null, CancellationToken cancel = default);

        [RpcNonBlocking]
        void Note();
    }

    internal interface IShelf
    {
        void Put(Book book);
    }

    internal sealed class Book
    {
        public Book(int pages) => Pages = pages;

        public int Pages { get; }

        public string Title { get; set; } = "";

        public Book? Next { get; set; }
    }

    internal interface IAnnotated
    {
        string? Find(Dictionary<string, List<string?>> all);
    }
}
