<?php
// Walks through the guides with the client that openapi-generator made of the OpenAPI document, over Guzzle.

declare(strict_types=1);

use Stakis\Identity\Api\{AccountApi, AccountsApi, PasswordResetApi, SessionsApi, SupportApi};
use Stakis\Identity\ApiException;
use Stakis\Identity\Model\{
    ActReason, ChangePassword, CompletePasswordReset, CreatePasswordReset, CreateSession, DiagnosisRequest, PresentedToken,
    Problem, RefreshSession
};
use Stakis\Identity\ObjectSerializer;

// A warning or a notice of the generated code is a failure.
set_error_handler(function (int $level, string $message, string $file, int $line): bool {
    // Debian's packages are older than its PHP, which the code of those packages may well be told.
    if ($level === E_DEPRECATED || $level === E_USER_DEPRECATED) {
        return true;
    }
    throw new ErrorException($message, 0, $level, $file, $line);
});
require '/usr/share/php/GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/client/lib/' . str_replace(['Stakis\\Identity\\', '\\'], ['', '/'], $class) . '.php';
    if (str_starts_with($class, 'Stakis\\Identity\\') && is_file($file)) {
        require $file;
    }
});
require __DIR__ . '/guide.php';

// Every class of the client can be loaded.
foreach ([...glob(__DIR__ . '/client/lib/*.php'), ...glob(__DIR__ . '/client/lib/*/*.php')] as $file) {
    require_once $file;
}
foreach (['SERVICE', 'NUMBER', 'PASSWORD', 'NEXT_PASSWORD', 'TOKEN', 'CLIENT_ID', 'CLIENT_SECRET'] as $name) {
    define($name, getenv($name));
}

/** The problem of a call that has to be refused. */
function refusal(callable $call): Problem
{
    try {
        $call();
    } catch (ApiException $refused) {
        return $refused->getResponseObject();
    }
    throw new RuntimeException('the call was not refused');
}

function name(Problem $problem): string
{
    return "{$problem->getStatus()} {$problem->getCode()}";
}

function ask(): array
{
    $resets = new PasswordResetApi(...connect(SERVICE));
    $ask = fn (string $number) => $resets->createPasswordReset(new CreatePasswordReset(['customer_number' => $number]));
    $wrong = refusal(fn () => $ask('4217'));
    $field = $wrong->getErrors()[0];
    return [
        'wrong' => name($wrong) . " {$field->getPointer()} {$field->getCode()}",
        'wait' => $ask(NUMBER)->getResendAfterSeconds(),
    ];
}

function walk(): array
{
    $resets = new PasswordResetApi(...connect(SERVICE));
    $sessions = new SessionsApi(...connect(SERVICE));
    $link = $resets->verifyPasswordReset(new PresentedToken(['token' => TOKEN]));
    $set = fn (string $password) => $resets->completePasswordReset(new CompletePasswordReset([
        'token' => TOKEN,
        'customer_number' => NUMBER,
        'new_password' => $password,
        'new_password_confirmation' => $password,
    ]));
    $short = refusal(fn () => $set('Ab1'));
    $tooShort = current(array_filter($short->getErrors(), fn ($field) => $field->getCode() === 'too_short'));
    $replaced = $set(PASSWORD);
    $signIn = fn (string $password) => $sessions->createSession(
        new CreateSession(['customer_number' => NUMBER, 'password' => $password]),
    );
    $wrong = refusal(fn () => $signIn(PASSWORD . '!'));
    $session = $signIn(PASSWORD);
    $refreshed = $sessions->refreshSession(new RefreshSession(['refresh_token' => $session->getRefreshToken()]));
    $own = connect(SERVICE, $refreshed->getAccessToken());
    $account = (new AccountApi(...$own))->getAccount();
    $changed = (new AccountApi(...$own))->changePassword(new ChangePassword([
        'current_password' => PASSWORD,
        'new_password' => NEXT_PASSWORD,
        'new_password_confirmation' => NEXT_PASSWORD,
    ]));
    $own = connect(SERVICE, $changed->getAccessToken());
    (new SessionsApi(...$own))->endCurrentSession();
    $over = refusal(fn () => (new AccountApi(...$own))->getAccount());

    try {
        machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET . 'x');
        $wrongSecret = 'none';
    } catch (ApiException $refused) {
        $wrongSecret = "{$refused->getCode()} {$refused->getResponseObject()->getError()}";
    }
    $machine = new SupportApi(...connect(SERVICE, machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET)));
    $diagnosis = $machine->diagnoseMail(new DiagnosisRequest(['customer_number' => NUMBER]));
    $id = $diagnosis->getAccountId();
    $reason = new ActReason(['reason' => 'walk']);
    $accounts = new AccountsApi(...connect(SERVICE, machineToken(SERVICE, CLIENT_ID, CLIENT_SECRET)));
    [, , $headers] = $accounts->getAccountByIdWithHttpInfo(id: $id);
    $version = array_change_key_case($headers)['etag'][0];
    $close = fn (string $etag) => $accounts->closeAccount(id: $id, act_reason: $reason, if_match: $etag);
    $otherVersion = refusal(fn () => $close('"other"'));
    $closed = $close($version);
    $reopened = $accounts->reopenAccount(id: $id, act_reason: $reason);

    $later = json_decode((string) $over);
    $later->code = 'made-later';
    $read = ObjectSerializer::deserialize($later, Problem::class);
    if ($read->getCode() !== 'unknown_default_open_api' || $read->getDetail() !== $over->getDetail()) {
        throw new RuntimeException('a value that is added later is refused');
    }
    return [
        'link' => $link->getStatus(),
        'too_short' => $tooShort->getParams()['min_length'],
        'message' => $replaced->getMessage(),
        'wrong_password' => name($wrong),
        'is_refreshed' => $refreshed->getAccessToken() !== $session->getAccessToken()
            && $refreshed->getSessionId() === $session->getSessionId(),
        'account' => "{$account->getCustomerNumber()} {$account->getEmailState()}",
        'changed' => $changed->getMessage(),
        'after_sign_out' => name($over),
        'wrong_secret' => $wrongSecret,
        'finding' => $diagnosis->getFindings()[0]->getCode(),
        'has_timeline' => count($diagnosis->getTimeline()) > 0,
        'other_version' => name($otherVersion),
        'closed' => $closed->getState(),
        'reopened' => $reopened->getState(),
    ];
}

echo json_encode(TOKEN === '' ? ask() : walk(), JSON_THROW_ON_ERROR);
