/* tslint:disable */
/* eslint-disable */
/** What the page tells the swarm. */
export type SwarmEvent =
| { type: 'tick' }
| { type: 'tracker-opened' | 'tracker-closed'; tracker: number }
| { type: 'tracker-text'; tracker: number; text: string }
| { type: 'offer-made' | 'answer-made'; connection: number; sdp: string }
| { type: 'opened' | 'closed'; connection: number }
| { type: 'received'; connection: number; bytes: Uint8Array }
| { type: 'sent'; connection: number; bytes: number };

/** What the swarm tells the page to do. */
export type SwarmAction =
| { type: 'tracker-connect'; tracker: number; url: string }
| { type: 'tracker-send'; tracker: number; text: string }
| { type: 'tracker-close'; tracker: number }
| { type: 'make-offer' | 'close'; connection: number }
| { type: 'accept-offer' | 'accept-answer'; connection: number; sdp: string }
| { type: 'send'; connection: number; bytes: Uint8Array<ArrayBuffer> }
| { type: 'broadcast' | 'changed'; description: BroadcastDescription }
| { type: 'segment'; segment: MediaSegment };

/** What the streamer says of a broadcast. */
export interface BroadcastDescription {
    /** Its id, in hexadecimal. */
    broadcast: string;
    revision: number;
    state: 'live' | 'paused' | 'ended';
    /** Unix time in milliseconds, by the streamer's clock. */
    startedAt: number;
    /** A stranger's text, as are the next three: to be shown as text, never as HTML. */
    title: string;
    /** Empty where the streamer does not say. */
    author: string;
    /** At most 4,000 characters; lines end with '\n'. */
    description: string;
    keywords: string[];
    /** One of a fixed list (docs/WIRE.md), such as 'how-to'. */
    category: string | null;
    /** Whether viewers are asked before they are shown it. May change while live. */
    sensitive: boolean;
    /** An http or https address in ASCII, to be opened by a click only. */
    donation: string | null;
    /** The parameter for MSE. */
    codecs: string;
    bitsPerSecond: number;
    segmentMillis: number;
    initSegment: Uint8Array<ArrayBuffer>;
}

/** A verified segment, in playing order. */
export interface MediaSegment {
    number: number;
    /** Seconds on the broadcast's time line. */
    presentationTime: number;
    /** Seconds. */
    duration: number;
    keyFrame: boolean;
    /** Unix time in milliseconds, by the streamer's clock. */
    capturedAt: number;
    bytes: Uint8Array<ArrayBuffer>;
}

/** Counters since the page was opened. */
export interface SwarmStats {
    status: 'connecting' | 'waiting' | 'live' | 'paused' | 'reconnecting' | 'aside' | 'ended';
    peers: number;
    viewers: number;
    uploadedBytes: number;
    uploadedPieceBytes: number;
    downloadedBytes: number;
    downloadedPieceBytes: number;
    duplicateBytes: number;
    segments: number;
    streamBytes: number;
    lostSegments: number;
    bannedPeers: number;
    trackersOpen: number;
    /** Of `downloadedPieceBytes`, what came from the streamer itself; the rest came from viewers. */
    fromStreamerBytes: number;
    /** Whether this viewer passes nothing on, by choice. */
    uploadOff: boolean;
    /** What the upload carries in bytes a second, as far as it has been tried. */
    uploadRate: number;
    /** How many whole streams this viewer would pass on, and how many it passes on now. */
    uploadCapacity: number;
    uploadUsed: number;
    /** Which part of the stream is wanting around here because nobody has the upload for it, from 0 to 1. */
    audienceHunger: number;
    /** Which part of the audience goes without for now, so that the others get everything. */
    audienceAside: number;
    /** Whether that is so much that the audience's upload is not enough. */
    audienceShortOfUpload: boolean;
}

/** One connected peer. */
export interface SwarmPeer {
    connection: number;
    /** Its peer id, in hexadecimal. */
    peer: string;
    streamer: boolean;
    /** Since when, in milliseconds of `performance.now()`. */
    since: number;
    downloadedPieceBytes: number;
    uploadedPieceBytes: number;
    roundTripMillis: number | undefined;
    /** How many eighths of the stream it pushes to us, and we to it. */
    stripesFrom: number;
    stripesTo: number;
    /** Whether it says that it passes nothing on. */
    uploadOff: boolean;
}

/** A segment's pieces, as a piece map shows them. */
export interface SegmentPieces {
    number: number;
    /** Of each piece in order: 0 is missing, and playing has gone on without it; 1 is not here yet; 2 came from the
     * streamer itself; 3 came from another viewer. */
    pieces: Uint8Array<ArrayBuffer>;
}



/**
 * A viewer of the channel that a share link names.
 */
export class Viewer {
    free(): void;
    [Symbol.dispose](): void;
    /**
     * Takes in an event at `now` (milliseconds of `performance.now()`).
     *
     * # Errors
     *
     * When the object is none of the events.
     */
    handle(now: number, event: SwarmEvent): void;
    /**
     * Reads the page's own address as a share link. `seed` is 32 random bytes.
     *
     * # Errors
     *
     * When the link names no channel; the message is for a person.
     */
    constructor(link: string, seed: Uint8Array | number[]);
    /**
     * When a `tick` is due at the latest, on the same clock as `now`.
     */
    nextWake(): number | undefined;
    /**
     * The connected peers.
     */
    peers(): SwarmPeer[];
    /**
     * The pieces of the segments that are still held, oldest first, from the one that playing began at.
     */
    pieceMap(): SegmentPieces[];
    /**
     * The next thing to do; `undefined` when there is nothing more for now.
     */
    poll(): SwarmAction | undefined;
    /**
     * Whether to pass anything on to others, from `now` on. It is on to begin with.
     */
    setUpload(now: number, on: boolean): void;
    /**
     * The counters.
     */
    stats(): SwarmStats;
}

export type InitInput = RequestInfo | URL | Response | BufferSource | WebAssembly.Module;

export interface InitOutput {
    readonly memory: WebAssembly.Memory;
    readonly __wbg_viewer_free: (a: number, b: number) => void;
    readonly viewer_handle: (a: number, b: number, c: any) => [number, number];
    readonly viewer_new: (a: number, b: number, c: number, d: number) => [number, number, number];
    readonly viewer_nextWake: (a: number) => [number, number];
    readonly viewer_peers: (a: number) => any;
    readonly viewer_pieceMap: (a: number) => any;
    readonly viewer_poll: (a: number) => any;
    readonly viewer_setUpload: (a: number, b: number, c: number) => void;
    readonly viewer_stats: (a: number) => any;
    readonly __wbindgen_malloc: (a: number, b: number) => number;
    readonly __wbindgen_realloc: (a: number, b: number, c: number, d: number) => number;
    readonly __wbindgen_free: (a: number, b: number, c: number) => void;
    readonly __wbindgen_exn_store: (a: number) => void;
    readonly __externref_table_alloc: () => number;
    readonly __wbindgen_externrefs: WebAssembly.Table;
    readonly __externref_table_dealloc: (a: number) => void;
    readonly __wbindgen_start: () => void;
}

export type SyncInitInput = BufferSource | WebAssembly.Module;

/**
 * Instantiates the given `module`, which can either be bytes or
 * a precompiled `WebAssembly.Module`.
 *
 * @param {{ module: SyncInitInput }} module - Passing `SyncInitInput` directly is deprecated.
 *
 * @returns {InitOutput}
 */
export function initSync(module: { module: SyncInitInput } | SyncInitInput): InitOutput;

/**
 * If `module_or_path` is {RequestInfo} or {URL}, makes a request and
 * for everything else, calls `WebAssembly.instantiate` directly.
 *
 * @param {{ module_or_path: InitInput | Promise<InitInput> }} module_or_path - Passing `InitInput` directly is deprecated.
 *
 * @returns {Promise<InitOutput>}
 */
export default function __wbg_init (module_or_path: { module_or_path: InitInput | Promise<InitInput> } | InitInput | Promise<InitInput>): Promise<InitOutput>;
