// Walks through the guides with the client that openapi-generator made of the OpenAPI document.

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import si.stakis.identity.ApiClient;
import si.stakis.identity.ApiException;
import si.stakis.identity.api.AccountApi;
import si.stakis.identity.api.AccountsApi;
import si.stakis.identity.api.PasswordResetApi;
import si.stakis.identity.api.SessionsApi;
import si.stakis.identity.api.SupportApi;
import si.stakis.identity.model.*;

public final class Walk {
    private static final String SERVICE = System.getenv("SERVICE");
    private static final String NUMBER = System.getenv("NUMBER");
    private static final String PASSWORD = System.getenv("PASSWORD");
    private static final String NEXT_PASSWORD = System.getenv("NEXT_PASSWORD");
    private static final String TOKEN = System.getenv("TOKEN");
    private static final String CLIENT_ID = System.getenv("CLIENT_ID");
    private static final String CLIENT_SECRET = System.getenv("CLIENT_SECRET");

    private interface Call {
        void run() throws ApiException;
    }

    /** The problem of a call that has to be refused. */
    private static Problem refusal(Call call) throws Exception {
        return Identity.problem(failure(call));
    }

    private static ApiException failure(Call call) {
        try {
            call.run();
        } catch (ApiException refused) {
            return refused;
        }
        throw new IllegalStateException("the call was not refused");
    }

    private static String name(Problem problem) {
        return problem.getStatus() + " " + problem.getCode();
    }

    private static Map<String, Object> ask() throws Exception {
        var resets = new PasswordResetApi(Identity.connect(SERVICE, null));
        var wrong = refusal(() -> reset(resets, "4217"));
        var field = wrong.getErrors().get(0);
        var seen = new LinkedHashMap<String, Object>();
        seen.put("wrong", name(wrong) + " " + field.getPointer() + " " + field.getCode());
        seen.put("wait", reset(resets, NUMBER).getResendAfterSeconds());
        return seen;
    }

    private static PasswordResetRequested reset(PasswordResetApi resets, String number) throws ApiException {
        var body = new CreatePasswordReset().customerNumber(number);
        return resets.createPasswordReset(
            PasswordResetApi.APICreatePasswordResetRequest.newBuilder().createPasswordReset(body).build());
    }

    private static PasswordReplaced set(PasswordResetApi resets, String password) throws ApiException {
        var body = new CompletePasswordReset().token(TOKEN).customerNumber(NUMBER);
        body.newPassword(password).newPasswordConfirmation(password);
        return resets.completePasswordReset(
            PasswordResetApi.APICompletePasswordResetRequest.newBuilder().completePasswordReset(body).build());
    }

    private static Session signIn(SessionsApi sessions, String password) throws ApiException {
        var body = new CreateSession().customerNumber(NUMBER).password(password);
        return sessions.createSession(SessionsApi.APICreateSessionRequest.newBuilder().createSession(body).build());
    }

    private static Account close(AccountsApi accounts, String id, String version) throws ApiException {
        var reason = new ActReason().reason("walk");
        return accounts.closeAccount(
            AccountsApi.APICloseAccountRequest.newBuilder().id(id).actReason(reason).ifMatch(version).build());
    }

    private static Map<String, Object> walk() throws Exception {
        var resets = new PasswordResetApi(Identity.connect(SERVICE, null));
        var sessions = new SessionsApi(Identity.connect(SERVICE, null));
        var presented = new PresentedToken().token(TOKEN);
        var link = resets.verifyPasswordReset(
            PasswordResetApi.APIVerifyPasswordResetRequest.newBuilder().presentedToken(presented).build());
        var tooShort = refusal(() -> set(resets, "Ab1")).getErrors().stream()
            .filter(field -> field.getCode() == FieldCode.TOO_SHORT).findFirst().orElseThrow();
        var replaced = set(resets, PASSWORD);
        var wrong = refusal(() -> signIn(sessions, PASSWORD + "!"));
        var session = signIn(sessions, PASSWORD);
        var refresh = new RefreshSession().refreshToken(session.getRefreshToken());
        var refreshed = sessions.refreshSession(
            SessionsApi.APIRefreshSessionRequest.newBuilder().refreshSession(refresh).build());
        var account = new AccountApi(Identity.connect(SERVICE, refreshed.getAccessToken()));
        var shown = account.getAccount();
        var change = new ChangePassword().currentPassword(PASSWORD);
        change.newPassword(NEXT_PASSWORD).newPasswordConfirmation(NEXT_PASSWORD);
        var changed = account.changePassword(
            AccountApi.APIChangePasswordRequest.newBuilder().changePassword(change).build()).getContinuedSession();
        var own = Identity.connect(SERVICE, changed.getAccessToken());
        new SessionsApi(own).endCurrentSession();
        var over = refusal(() -> new AccountApi(own).getAccount());

        var mapper = ApiClient.createDefaultObjectMapper();
        var refused = failure(() -> Identity.machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET + "x"));
        var wrongSecret = mapper.readValue(refused.getResponseBody(), OAuthError.class).getError();
        var machine = Identity.connect(SERVICE, Identity.machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET));
        var question = new DiagnosisRequest().customerNumber(NUMBER);
        var diagnosis = new SupportApi(machine).diagnoseMail(
            SupportApi.APIDiagnoseMailRequest.newBuilder().diagnosisRequest(question).build());
        var id = diagnosis.getAccountId();
        var accounts = new AccountsApi(machine);
        var found = accounts.getAccountByIdWithHttpInfo(
            AccountsApi.APIGetAccountByIdRequest.newBuilder().id(id).build());
        var otherVersion = refusal(() -> close(accounts, id, "\"other\""));
        var closed = close(accounts, id, found.getHeaders().get("ETag").get(0));
        var reason = new ActReason().reason("walk");
        var reopened = accounts.reopenAccount(
            AccountsApi.APIReopenAccountRequest.newBuilder().id(id).actReason(reason).build());

        ObjectNode later = mapper.valueToTree(over);
        later.put("code", "made-later").put("field_of_later", 1);
        var read = mapper.treeToValue(later, Problem.class);
        if (read.getCode() != ProblemCode.UNKNOWN_DEFAULT_OPEN_API || !read.getDetail().equals(over.getDetail())) {
            throw new IllegalStateException("a value that is added later is refused");
        }
        var seen = new LinkedHashMap<String, Object>();
        seen.put("link", link.getStatus());
        seen.put("too_short", tooShort.getParams().get("min_length"));
        seen.put("message", replaced.getMessage());
        seen.put("wrong_password", name(wrong));
        seen.put("is_refreshed", !refreshed.getAccessToken().equals(session.getAccessToken())
            && refreshed.getSessionId().equals(session.getSessionId()));
        seen.put("account", shown.getCustomerNumber() + " " + shown.getEmailState());
        seen.put("changed", changed.getMessage());
        seen.put("after_sign_out", name(over));
        seen.put("wrong_secret", refused.getCode() + " " + wrongSecret);
        seen.put("finding", diagnosis.getFindings().get(0).getCode().getValue());
        seen.put("has_timeline", !diagnosis.getTimeline().isEmpty());
        seen.put("other_version", name(otherVersion));
        seen.put("closed", closed.getState().getValue());
        seen.put("reopened", reopened.getState().getValue());
        return seen;
    }

    public static void main(String[] arguments) throws Exception {
        System.out.println(ApiClient.createDefaultObjectMapper().writeValueAsString(TOKEN.isEmpty() ? ask() : walk()));
    }
}
