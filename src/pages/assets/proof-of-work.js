// Solves the proof of work that a sign-in or a reset request asks for with 403 `challenge-required`. It needs nothing
// besides a browser or Node. SHA-256 (FIPS 180-4) is written out, since one call of `crypto.subtle.digest` takes longer
// than the hash itself, and hundreds of thousands are needed.
/** The number of puzzles in a challenge. */
const PARTS = 16;
/** Milliseconds of work between two turns of the event loop. */
const SLICE_MILLISECONDS = 20;
/** The number of hashes between two readings of the clock. */
const HASHES_A_LOOK = 256;
/**
 * Finds the `proof` with which the refused request is to be repeated.
 *
 * The page stays responsive: the event loop gets a turn every 20 ms.
 *
 * @param challenge the answer's `challenge`, as it is
 * @param difficulty the answer's `difficulty`: leading zero bits of each hash, 1 to 32; one more takes twice as long
 * @param signal ends the search early, such as when the user leaves the form
 * @returns `{challenge}.{nonce 0}-{nonce 1}-…-{nonce 15}`, each nonce a decimal number
 * @throws RangeError if `difficulty` is no integer from 1 to 32
 * @throws the signal's `reason`, by default a `DOMException` named `AbortError`, once `signal` is aborted
 */
export async function solve(challenge, difficulty, signal) {
    if (!Number.isInteger(difficulty) || difficulty < 1 || difficulty > 32) {
        throw new RangeError(`difficulty is ${difficulty}, not an integer from 1 to 32`);
    }
    signal?.throwIfAborted();
    const nonces = [];
    let sliceEnd = performance.now() + SLICE_MILLISECONDS;
    for (let part = 0; part < PARTS; part += 1) {
        const hashWith = hasher(`${challenge}.${part}.`);
        let nonce = 0;
        while (hashWith(nonce) >>> (32 - difficulty) !== 0) {
            nonce += 1;
            if (nonce % HASHES_A_LOOK === 0 && performance.now() >= sliceEnd) {
                await nextTurn();
                signal?.throwIfAborted();
                sliceEnd = performance.now() + SLICE_MILLISECONDS;
            }
        }
        nonces.push(nonce);
    }
    return `${challenge}.${nonces.join("-")}`;
}
/** Gives the event loop a turn. It uses no timer, since browsers delay timers, in a background page by a second. */
function nextTurn() {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            port1.close();
            resolve();
        };
        port2.postMessage(null);
    });
}
/** FIPS 180-4 §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = new Int32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
/** FIPS 180-4 §5.3.3: the first 32 bits of the fractional parts of the square roots of the first eight primes. */
const INITIAL_STATE = new Int32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
/** The message schedule, which each block overwrites. */
const schedule = new Int32Array(64);
/**
 * Makes the function that computes the first 32 bits of the SHA-256 of `prefix` with a number after it. The blocks that
 * the prefix fills are hashed here, once.
 */
function hasher(prefix) {
    const bytes = new TextEncoder().encode(prefix);
    const filled = bytes.length - (bytes.length % 64);
    const prefixView = new DataView(bytes.buffer, bytes.byteOffset);
    const prefixState = INITIAL_STATE.slice();
    for (let start = 0; start < filled; start += 64)
        compress(prefixState, prefixView, start);
    // The rest of the prefix, the number and the padding need one block, or two.
    const tail = new Uint8Array(128);
    const tailView = new DataView(tail.buffer);
    tail.set(bytes.subarray(filled));
    const state = new Int32Array(8);
    return (nonce) => {
        const digits = String(nonce);
        let end = bytes.length - filled;
        for (let index = 0; index < digits.length; index += 1, end += 1)
            tail[end] = digits.charCodeAt(index);
        const size = end < 56 ? 64 : 128;
        tail[end] = 0x80;
        tail.fill(0, end + 1, size);
        tailView.setUint32(size - 4, (filled + end) * 8);
        state.set(prefixState);
        for (let start = 0; start < size; start += 64)
            compress(state, tailView, start);
        return state[0];
    };
}
/** FIPS 180-4 §6.2.2: hashes the block of 64 bytes at `start` into `state`. */
function compress(state, bytes, start) {
    for (let t = 0; t < 16; t += 1)
        schedule[t] = bytes.getInt32(start + 4 * t);
    for (let t = 16; t < 64; t += 1) {
        const early = schedule[t - 15];
        const late = schedule[t - 2];
        const sigma0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
        const sigma1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
        schedule[t] = sigma1 + schedule[t - 7] + sigma0 + schedule[t - 16];
    }
    let a = state[0];
    let b = state[1];
    let c = state[2];
    let d = state[3];
    let e = state[4];
    let f = state[5];
    let g = state[6];
    let h = state[7];
    for (let t = 0; t < 64; t += 1) {
        const choice = (e & f) ^ (~e & g);
        const majority = (a & b) ^ (a & c) ^ (b & c);
        const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + ROUND_CONSTANTS[t] + schedule[t]) | 0;
        const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + first) | 0;
        d = c;
        c = b;
        b = a;
        a = (first + second) | 0;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}
function rotate(word, by) {
    return (word >>> by) | (word << (32 - by));
}
