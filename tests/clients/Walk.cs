// Walks through the guides with the C# of the guide.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;

[DataContract]
public sealed class Requested
{
    [DataMember(Name = "resend_after_seconds")] public int ResendAfterSeconds { get; set; }
}

[DataContract]
public sealed class LinkStatus
{
    [DataMember(Name = "status")] public string Status { get; set; }
}

[DataContract]
public sealed class Session
{
    [DataMember(Name = "message")] public string Message { get; set; }
    [DataMember(Name = "session_id")] public string SessionId { get; set; }
    [DataMember(Name = "access_token")] public string AccessToken { get; set; }
    [DataMember(Name = "refresh_token")] public string RefreshToken { get; set; }
}

[DataContract]
public sealed class Account
{
    [DataMember(Name = "customer_number")] public string CustomerNumber { get; set; }
    [DataMember(Name = "email_state")] public string EmailState { get; set; }
    [DataMember(Name = "state")] public string State { get; set; }
}

[DataContract]
public sealed class Finding
{
    [DataMember(Name = "code")] public string Code { get; set; }
}

[DataContract]
public sealed class TimelineEntry
{
    [DataMember(Name = "event")] public string Event { get; set; }
}

[DataContract]
public sealed class Diagnosis
{
    [DataMember(Name = "account_id")] public string AccountId { get; set; }
    [DataMember(Name = "findings")] public Finding[] Findings { get; set; }
    [DataMember(Name = "timeline")] public TimelineEntry[] Timeline { get; set; }
}

public static class Walk
{
    private static string Given(string name) { return Environment.GetEnvironmentVariable(name) ?? ""; }

    private static readonly string Number = Given("NUMBER");
    private static readonly string Password = Given("PASSWORD");
    private static readonly string NextPassword = Given("NEXT_PASSWORD");
    private static readonly string LinkToken = Given("TOKEN");
    private static readonly Identity Service = new Identity(Given("SERVICE"));

    /// <summary>The problem of a call that has to be refused.</summary>
    private static async Task<Problem> Refusal(Func<Task> call)
    {
        try { await call(); }
        catch (ProblemException refused) { return refused.Problem; }
        throw new InvalidOperationException("the call was not refused");
    }

    private static string Name(Problem problem) { return $"{problem.Status} {problem.Code}"; }

    private static Task<T> Post<T>(string path, Dictionary<string, string> body, string token = null)
    {
        return Service.CallAsync<T>(HttpMethod.Post, path, body, token);
    }

    private static Task<Requested> Ask(string number)
    {
        return Post<Requested>("/v1/password-resets", new Dictionary<string, string> { ["customer_number"] = number });
    }

    private static async Task<Dictionary<string, object>> Ask()
    {
        var wrong = await Refusal(() => Ask("4217"));
        var field = wrong.Errors[0];
        var asked = await Ask(Number);
        return new Dictionary<string, object>
        {
            ["wrong"] = $"{Name(wrong)} {field.Pointer} {field.Code}",
            ["wait"] = asked.ResendAfterSeconds,
        };
    }

    private static Task<Session> Set(string password)
    {
        return Post<Session>("/v1/password-resets/complete", new Dictionary<string, string>
        {
            ["token"] = LinkToken,
            ["customer_number"] = Number,
            ["new_password"] = password,
            ["new_password_confirmation"] = password,
        });
    }

    private static Task<Session> SignIn(string password)
    {
        var body = new Dictionary<string, string> { ["customer_number"] = Number, ["password"] = password };
        return Post<Session>("/v1/sessions", body);
    }

    private static async Task<Dictionary<string, object>> All()
    {
        var presented = new Dictionary<string, string> { ["token"] = LinkToken };
        var link = await Post<LinkStatus>("/v1/password-resets/verify", presented);
        var tooShort = (await Refusal(() => Set("Ab1"))).Errors.Single(field => field.Code == "too_short");
        var replaced = await Set(Password);
        var wrong = await Refusal(() => SignIn(Password + "!"));
        var session = await SignIn(Password);
        var refresh = new Dictionary<string, string> { ["refresh_token"] = session.RefreshToken };
        var refreshed = await Post<Session>("/v1/sessions/refresh", refresh);
        var account = await Service.CallAsync<Account>(HttpMethod.Get, "/v1/account", null, refreshed.AccessToken);
        var form = new Dictionary<string, string>
        {
            ["current_password"] = Password,
            ["new_password"] = NextPassword,
            ["new_password_confirmation"] = NextPassword,
        };
        var changed = await Post<Session>("/v1/account/password", form, refreshed.AccessToken);
        var own = changed.AccessToken;
        await Service.CallAsync<object>(HttpMethod.Delete, "/v1/sessions/current", null, own);
        var over = await Refusal(() => Service.CallAsync<Account>(HttpMethod.Get, "/v1/account", null, own));

        var wrongSecret = await Refusal(() => Service.MachineTokenAsync(Given("CLIENT_ID"), Given("CLIENT_SECRET") + "x"));
        var machine = await Service.MachineTokenAsync(Given("CLIENT_ID"), Given("CLIENT_SECRET"));
        var question = new Dictionary<string, string> { ["customer_number"] = Number };
        var diagnosis = await Post<Diagnosis>("/v1/support/diagnosis", question, machine.AccessToken);
        var at = $"/v1/accounts/{diagnosis.AccountId}";
        var found = await Service.AnswerAsync<Account>(HttpMethod.Get, at, null, machine.AccessToken);
        var reason = new Dictionary<string, string> { ["reason"] = "walk" };
        Func<string, Task<Answer<Account>>> close = version => Service.AnswerAsync<Account>(
            HttpMethod.Post, at + "/close", reason, machine.AccessToken,
            new Dictionary<string, string> { ["If-Match"] = version });
        var otherVersion = await Refusal(() => close("\"other\""));
        var closed = await close(found.Headers.ETag.Tag);
        var reopened = await Post<Account>(at + "/reopen", reason, machine.AccessToken);
        return new Dictionary<string, object>
        {
            ["link"] = link.Status,
            ["too_short"] = tooShort.Params["min_length"],
            ["message"] = replaced.Message,
            ["wrong_password"] = Name(wrong),
            ["is_refreshed"] = refreshed.AccessToken != session.AccessToken && refreshed.SessionId == session.SessionId,
            ["account"] = $"{account.CustomerNumber} {account.EmailState}",
            ["changed"] = changed.Message,
            ["after_sign_out"] = Name(over),
            ["wrong_secret"] = $"{wrongSecret.Status} {wrongSecret.Error}",
            ["finding"] = diagnosis.Findings[0].Code,
            ["has_timeline"] = diagnosis.Timeline.Length > 0,
            ["other_version"] = Name(otherVersion),
            ["closed"] = closed.Body.State,
            ["reopened"] = reopened.State,
        };
    }

    public static void Main()
    {
        var seen = (LinkToken == "" ? Ask() : All()).GetAwaiter().GetResult();
        var settings = new DataContractJsonSerializerSettings { UseSimpleDictionaryFormat = true };
        using (var stream = new MemoryStream())
        {
            new DataContractJsonSerializer(seen.GetType(), settings).WriteObject(stream, seen);
            Console.WriteLine(Encoding.UTF8.GetString(stream.ToArray()));
        }
    }
}
