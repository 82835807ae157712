/* The way of an entry from a village into the history, with all that can go wrong on it.

   One token. `SAMPLES` entries are sampled and numbered 0, 1, ... in the order of time; on the
   wire an entry is known by its key alone, (spool, n). A report carries one entry here: every
   step below takes a report whole or not at all. Sets of entries or keys are bits of a number.

   Every loop stands at its head between two steps, so that whatever may happen (the process
   `mishaps`) can happen between any two of them. How often it may is given by the run:

     CUTS    the agent dies, by a power cut or alone      LOST     a request or an answer is lost
     DARK    the power of the centre is cut               RESTORES the centre is made of its backup
     KILLS   ingest is killed     STOPS  the fold is      CLONES   the agent's disk is copied

   With TIGHT=0 neither flash nor journal is ever cleared. A name beneath an #ifdef takes one
   safeguard away; README.md says what must fail then. */

#ifndef SAMPLES
#define SAMPLES 3
#endif
#ifndef CUTS
#define CUTS 0
#endif
#ifndef LOST
#define LOST 0
#endif
#ifndef KILLS
#define KILLS 0
#endif
#ifndef STOPS
#define STOPS 0
#endif
#ifndef DARK
#define DARK 0
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#ifndef CLONES
#define CLONES 0
#endif

#ifndef TIGHT
#define TIGHT 1
#endif
#ifndef NOT_HELD
#define NOT_HELD 0
#endif

#define AGENTS (1 + CLONES)
#define SPOOLS (1 + CUTS + CLONES)
#define ROOM (SAMPLES * (1 + RESTORES + CUTS + CLONES) + LOST + KILLS + DARK)
#define NONE 255
#define NOTHING 7          /* a report without entries */
#define ONE(x) (1 << (x))
#define HAS(set, x) (((set) >> (x)) & 1)
#define WITHOUT(set, x) ((set) & (255 - ONE(x)))

/* --- what is true, whoever knows it (read by the properties alone, but for keys and boots) ---- */

byte sampled;             /* how many entries there are */
byte key[SAMPLES];        /* spool * SAMPLES + n - 1, as the agent numbered it */
byte boot_of[SAMPLES];    /* the boot it was sampled on */
byte spools, boots;       /* how many were ever begun: a random id is never drawn twice */
byte due;                 /* called safe: these must be in the history at the end */
bit cloned;

/* --- the agent: agent/spool.py, agent/segments.py, agent/sender.py --------------------------- */

bit on[AGENTS];
byte flash[AGENTS], flash_acked[AGENTS], flash_epoch[AGENTS];   /* what a power cut leaves */
byte here[AGENTS], acked[AGENTS], epoch_of[AGENTS];             /* the same in RAM, and newer */
byte spool[AGENTS], n[AGENTS], boot[AGENTS];
byte asks[AGENTS];        /* the entry whose answer is waited for */
byte news[AGENTS];        /* an epoch that is being taken in, 0 for none */
bit broken[AGENTS];       /* the connection ended */
bit refused[AGENTS];      /* 409: a person has to come */

mtype = { SAFE, TWO_AGENTS };
chan ask[AGENTS] = [2] of { byte, bit };           /* entry; of the boot that is running? */
mtype told[AGENTS];       /* the answer that has come, 0 while there is none */
byte told_epoch[AGENTS];

/* --- the centre: ingest ------------------------------------------------------------------- */

mtype = { DOWN, IDLE, JUDGED, WRITTEN, SYNCED, HALF };
mtype ingest_is = DOWN;
byte from, entry;         /* the report in hand */
bit fresh;                /* ... of a boot that is running */
byte journal[ROOM];       /* entries by position */
byte first, written, durable, end_told;
byte began[SPOOLS];       /* 1 + the earliest entry of a spool, 0 while none is known */
byte epoch = 1;

/* --- the centre: the fold, and both databases ------------------------------------------------ */

mtype fold_is = DOWN;
byte at;                  /* the fold's own position */
short seen;               /* keys that it has in mind */
byte taken;               /* entries that were taken in and are not committed */
byte history;             /* history.db: entries in it */
#ifdef NOT_SYNCED
byte history_before;      /* ... before its last commit */
#endif
byte counted;             /* ronda.db: entries that states and findings were concluded of */
byte position, memories;  /* ronda.db: folded up to; from where the memory has to be caught up */
short seen_saved;         /* ronda.db: the memory as it was saved last */

/* --- a backup of all that ---------------------------------------------------------------- */

byte backup_is;           /* 1 journal held, 2 databases copied, 3 whole, 6 restored */
byte b_first, b_written, b_history, b_counted, b_position, b_memories, b_due;
byte b_journal[ROOM];
short b_seen;

/* --- what may still happen ------------------------------------------------------------------ */

byte cuts = CUTS, lost = LOST, kills = KILLS, stops = STOPS, dark = DARK;
byte restores = RESTORES, clones = CLONES;
bit tight = TIGHT;            /* the flash is full now and then */

inline hang_up(a) {
    asks[a] = NONE; news[a] = 0; broken[a] = 0; told[a] = 0; told_epoch[a] = 0
}

/* agent/spool.py, Spool.__init__ and _recall: a random spool, and what the flash remembers */
inline start_agent(a, same_boot) {
    on[a] = 1; here[a] = flash[a]; acked[a] = flash_acked[a]; epoch_of[a] = flash_epoch[a];
    hang_up(a);
#ifdef SPOOL_KEPT
    n[a] = 0; i = 0;
    do
    :: i < sampled -> n[a] = n[a] + (HAS(flash[a], i) && key[i] / SAMPLES == spool[a]); i++
    :: else -> break
    od;
#else
    spool[a] = spools; spools++; n[a] = 0;
#endif
    if
    :: same_boot -> skip
    :: else -> boot[a] = boots; boots++
    fi
}

/* Samples, writes to flash, and makes room: agent/patrol.py, agent/spool.py, agent/room.py */
proctype patrol(byte a) {
    byte i;
end: do
    /* append_frame, append_findings: a finding is this step and the next one */
    :: d_step { on[a] && !refused[a] && sampled < SAMPLES ->
        key[sampled] = spool[a] * SAMPLES + n[a]; boot_of[sampled] = boot[a];
        here[a] = here[a] | ONE(sampled); n[a]++; sampled++ }
    /* flush: entries and notes are one write, and torn writes are cut off at a start
       (as long as anybody may read it: else the runs would only be longer) */
    :: d_step { on[a] && (TIGHT || cuts + clones > 0) && (here[a] & (255 - flash[a])) ->
        flash[a] = here[a]; flash_acked[a] = acked[a]; flash_epoch[a] = epoch_of[a] }
    /* make_room: what was delivered goes, when there is need */
    :: d_step { tight && on[a] && (acked[a] & flash[a]) ->
        i = 0;
        do :: HAS(acked[a] & flash[a], i) -> break :: else -> i++ od;
        here[a] = WITHOUT(here[a], i); flash[a] = WITHOUT(flash[a], i);
        acked[a] = WITHOUT(acked[a], i); flash_acked[a] = WITHOUT(flash_acked[a], i); i = 0 }
    od
}

inline send(a, x) {
    asks[a] = x; ask[a]!x, (boot_of[x] == boot[a]);
#ifdef SETTLED_UNHEARD
    acked[a] = acked[a] | ONE(x);
#endif
}

inline settle(a) { acked[a] = acked[a] | (here[a] & ONE(asks[a])) }

/* Delivers: agent/sender.py, agent/post.py (one request at a time), agent/answer.py */
proctype sender(byte a) {
end: do
    /* _next: any order is allowed here; the agent takes the newest first, then the oldest */
    :: atomic { on[a] && !refused[a] && (here[a] & (255 - acked[a])) &&
                asks[a] == NONE && nfull(ask[a]) ->
        if
        :: HAS(here[a] & (255 - acked[a]), 0) -> send(a, 0)
#if SAMPLES > 1
        :: HAS(here[a] & (255 - acked[a]), 1) -> send(a, 1)
#endif
#if SAMPLES > 2
        :: HAS(here[a] & (255 - acked[a]), 2) -> send(a, 2)
#endif
        fi }
    /* villages report every minute, with an entry or without: a new epoch is heard of */
    :: d_step { on[a] && !refused[a] && asks[a] == NONE && !(here[a] & (255 - acked[a])) &&
                epoch_of[a] != 0 && epoch_of[a] != epoch && ingest_is == IDLE ->
        asks[a] = NOTHING; told[a] = SAFE; told_epoch[a] = epoch }
    /* _accepted, in an epoch that is known: settle */
    :: d_step { told[a] == SAFE && !news[a] && told_epoch[a] == epoch_of[a] ->
        settle(a); hang_up(a) }
    /* _learn, in another one: two steps, and a flush may come between them */
    :: d_step { told[a] == SAFE && !news[a] && told_epoch[a] != epoch_of[a] ->
        news[a] = told_epoch[a];
#if defined(EPOCH_NOTED_FIRST)
        epoch_of[a] = news[a] }
#elif defined(NOT_OFFERED_AGAIN)
        skip }
#else
        acked[a] = 0 }
#endif
    :: d_step { news[a] ->
#ifdef EPOCH_NOTED_FIRST
        acked[a] = 0;
#endif
        epoch_of[a] = news[a]; settle(a); hang_up(a) }
    /* _deliver: 409 */
    :: d_step { told[a] == TWO_AGENTS -> refused[a] = 1; hang_up(a) }
    /* _lost: the connection ended, or nothing came for 10 s; the request may still arrive */
    :: d_step { asks[a] != NONE && !news[a] && broken[a] -> hang_up(a) }
    :: d_step { asks[a] != NONE && !news[a] && lost > 0 -> lost--; hang_up(a) }
    od
}

inline answer(what, x) {
    if
    :: asks[from] == x && !broken[from] && !told[from] ->
        told[from] = what; told_epoch[from] = epoch
    :: else -> skip          /* nobody listens any more */
    fi
}

inline call_safe(x) {
    due = due | ONE(x);
    answer(SAFE, x)
}

/* collector/intake: reports.py, clash.py, commit.py, journal.py */
proctype ingest() {
    byte s, mine;
    bit clash;
end: do
    /* desk.py, journal.py (_open_last, at_least): a torn tail is cut off, what is whole counts,
       and no position is given out that was folded */
    :: d_step { ingest_is == DOWN ->
        do :: written < position -> journal[written] = NONE; written++ :: else -> break od;
        durable = written; end_told = written; ingest_is = IDLE }
    :: d_step { ingest_is == IDLE && nempty(ask[0]) -> ask[0]?entry, fresh; from = 0; ingest_is = JUDGED }
#if CLONES
    :: d_step { ingest_is == IDLE && nempty(ask[1]) -> ask[1]?entry, fresh; from = 1; ingest_is = JUDGED }
#endif
    /* clash.py: an older spool goes on where a newer one has begun */
    :: d_step { ingest_is == JUDGED ->
        s = key[entry] / SAMPLES;
        mine = (began[s] -> began[s] : entry + 1);
        clash = 0; s = 0;
        do
        :: s < SPOOLS ->
#ifdef OLDER_REFUSED
            clash = clash || (began[s] > mine && s != key[entry] / SAMPLES);
#else
            clash = clash ||
                (fresh && s != key[entry] / SAMPLES && mine < began[s] && began[s] < entry + 1);
#endif
            s++
        :: else -> break
        od;
        if
        :: clash -> assert(cloned);          /* only a double is refused */
            answer(TWO_AGENTS, entry); ingest_is = IDLE
        :: else -> assert(written < ROOM);   /* of the model: its journal is long enough */
#ifdef ANSWERED_EARLY
            call_safe(entry);
#endif
            journal[written] = entry; written++; ingest_is = WRITTEN
        fi;
        s = 0; mine = 0; clash = 0 }
    :: d_step { ingest_is == WRITTEN -> durable = written; ingest_is = SYNCED }
    /* _publish, then the answer; a kill between the two is a kill before it and a lost answer */
    :: d_step { ingest_is == SYNCED ->
        end_told = written; s = key[entry] / SAMPLES;
        if
        :: fresh && (began[s] == 0 || began[s] > entry + 1) -> began[s] = entry + 1
        :: else -> skip
        fi;
#ifndef ANSWERED_EARLY
        call_safe(entry);
#endif
        s = 0; entry = 0; from = 0; fresh = 0; ingest_is = IDLE }
    od
}

inline add_to_history() {
#ifdef NOT_SYNCED
    history_before = history;
#endif
    history = history | taken
}

inline remember(x) { seen = seen | ONE(key[x]) }

/* collector/fold: fold.py, reports.py (_take), commit.py, restart.py (catch_up) */
proctype fold() {
    byte i, p;
end: do
    /* be where the committed position left off, with the memory caught up */
    :: d_step { fold_is == DOWN ->
        at = position; seen = seen_saved; taken = 0;
#ifndef NOT_CAUGHT_UP
        p = (memories > first -> memories : first);
        do
        :: p < position ->
            if :: journal[p] != NONE -> remember(journal[p]) :: else -> skip fi; p++
        :: else -> break
        od;
        p = 0;
#endif
        fold_is = IDLE }
#ifdef READ_UNSYNCED
    :: d_step { fold_is == IDLE && at < written ->
#else
    :: d_step { fold_is == IDLE && at < end_told ->
#endif
        i = journal[at];
        if
        :: i == NONE -> skip
#ifdef NO_DEDUPE
        :: i != NONE -> taken = taken | ONE(i);
#else
        :: i != NONE && HAS(seen, key[i]) -> skip
        :: i != NONE && !HAS(seen, key[i]) -> taken = taken | ONE(i);
#endif
            assert(!(HAS(counted, i)));      /* nothing is counted twice */
            remember(i)
        fi;
        at++; i = 0 }
    /* Ledger.commit: history first, which twice is once; the position with all the rest */
    :: d_step { fold_is == IDLE && at > position ->
#ifdef POSITION_FIRST
        position = at; counted = counted | taken;
#else
        add_to_history();
#endif
        fold_is = HALF }
    :: d_step { fold_is == HALF ->
#ifdef POSITION_FIRST
        add_to_history();
#else
        position = at; counted = counted | taken;
#endif
        seen_saved = seen; memories = at; taken = 0; fold_is = IDLE }
    /* ... 500 memories a commit: others had their turn; who never starts anew sees no difference */
    :: d_step { fold_is == HALF && STOPS + DARK + RESTORES > 0 ->
#ifdef POSITION_FIRST
        add_to_history();
#else
        position = at; counted = counted | taken;
#endif
        taken = 0; fold_is = IDLE }
    /* _drop_journal: what nobody has to read again */
    :: d_step { fold_is == IDLE && TIGHT && first < position && (backup_is % 3 == 0 || NOT_HELD) &&
#ifdef DROPPED_EARLY
                1 ->
        do :: first < position -> journal[first] = NONE; first++ :: else -> break od; i = 0 }
#else
                first < memories ->
        do
        :: first < position && first < memories -> journal[first] = NONE; first++
        :: else -> break
        od; i = 0 }
#endif
    od
}

inline break_up(a) {
    do :: nempty(ask[a]) -> ask[a]?_, _ :: empty(ask[a]) -> break od;
    broken[a] = (asks[a] != NONE && !told[a])
}

inline ingest_falls() {
    ingest_is = DOWN; entry = 0; from = 0; fresh = 0;
    break_up(0);
#if CLONES
    break_up(1);
#endif
}

inline forget_backup() {
    b_first = 0; b_written = 0; b_history = 0; b_counted = 0; b_position = 0; b_memories = 0;
    b_due = 0; b_seen = 0; i = 0;
    do :: i < ROOM -> b_journal[i] = 0; i++ :: else -> break od;
    i = 0
}

/* collector/backup: making.py, snapshots.py; restoring.py, renewal.py */
proctype backup() {
    byte i;
end: do
#if RESTORES
    :: d_step { backup_is == 0 && restores > 0 -> b_first = first;
#ifdef COPIED_APART
        b_history = history;
#endif
        backup_is = 1 }
    /* both databases as of one moment at which nobody commits to ronda.db */
    :: d_step { backup_is == 1 && restores > 0 ->
#ifndef COPIED_APART
        b_history = history;
#endif
        b_counted = counted; b_position = position; b_memories = memories; b_seen = seen_saved;
        backup_is = 2 }
    /* the journal behind them, as it was held: what was called safe by now is in it */
    :: d_step { backup_is == 2 && restores > 0 ->
        b_written = end_told; b_due = due; i = 0;
        do
        :: i < b_written -> b_journal[i] = journal[i]; i++
        :: else -> break
        od;
        i = 0; backup_is = 3 }
    /* the centre was stopped, or is another machine; placed whole or not at all */
    :: d_step { backup_is == 3 && restores > 0 ->
        restores--; backup_is = 6; history = b_history; counted = b_counted;
        position = b_position; memories = b_memories;
        seen_saved = b_seen; first = b_first;
        written = b_written; durable = b_written; end_told = b_written; i = 0;
        do
        :: i < ROOM -> journal[i] = (i < b_written -> b_journal[i] : NONE); i++
        :: else -> break
        od;
        i = 0;
        do :: i < SPOOLS -> began[i] = 0; i++ :: else -> break od;
        i = 0; due = due & b_due;
#ifndef EPOCH_KEPT
        epoch++;
#endif
        forget_backup(); fold_is = DOWN; taken = 0; at = 0; seen = 0; ingest_falls() }
#endif
    :: 0 -> skip
    od
}

proctype mishaps() {
    byte i;
end: do
    /* the power of a village, or its agent alone: then the boot goes on */
    :: d_step { cuts > 0 && on[0] && !refused[0] -> cuts--; start_agent(0, 0); i = 0 }
    :: d_step { cuts > 0 && on[0] && !refused[0] -> cuts--; start_agent(0, 1); i = 0 }
#if CLONES
    /* the card is copied, and put into another machine */
    :: d_step { clones > 0 -> clones--; cloned = 1;
        flash[1] = flash[0]; flash_acked[1] = flash_acked[0]; flash_epoch[1] = flash_epoch[0];
        spool[1] = spool[0]; start_agent(1, 0); i = 0 }
#endif
    /* a request that never arrives */
    :: d_step { lost > 0 && nempty(ask[0]) -> lost--; ask[0]?_, _; broken[0] = (asks[0] != NONE) }
    /* kill -9: what was written stays, and counts after the start */
    :: d_step { kills > 0 && ingest_is != DOWN -> kills--; ingest_falls() }
    :: d_step { stops > 0 && fold_is != DOWN -> stops--;
        fold_is = DOWN; taken = 0; at = 0; seen = 0 }
    /* the centre's power: of what was not synced nothing, or all, is left */
    :: d_step { dark > 0 && ingest_is != DOWN -> dark--; written = durable;
        i = written; do :: i < ROOM -> journal[i] = NONE; i++ :: else -> break od; i = 0;
#ifdef NOT_SYNCED
        history = history_before;
#endif
        fold_is = DOWN; taken = 0; at = 0; seen = 0; ingest_falls() }
    :: d_step { dark > 0 && ingest_is != DOWN -> dark--;
        fold_is = DOWN; taken = 0; at = 0; seen = 0; ingest_falls() }
    /* from some moment on nothing happens any more */
    :: d_step { cuts + lost + kills + stops + dark + restores + clones + tight > 0 ->
        cuts = 0; lost = 0; kills = 0; stops = 0; dark = 0; restores = 0; clones = 0; tight = 0;
        backup_is = 6; forget_backup() }
    od
}

/* When nothing moves any more, everything has to be where it belongs. */
proctype judge() {
    byte a;
    timeout ->
    assert(ingest_is == IDLE && fold_is == IDLE && at == end_told && position == at); /* no jam */
    assert((due & (255 - (counted & history))) == 0);    /* what was called safe is there */
    assert((counted & (255 - history)) == 0);
    do
    :: a < AGENTS ->
        assert(asks[a] == NONE);                         /* nobody waits for ever */
        /* what the village still has is there, too, or a person was called */
        assert(refused[a] || (here[a] & (255 - (counted & history))) == 0);
        a++
    :: else -> break
    od
}

init {
    byte i;
    d_step {
        do :: i < ROOM -> journal[i] = NONE; i++ :: else -> break od;
        i = 0;
        do :: i < AGENTS -> asks[i] = NONE; i++ :: else -> break od;
        i = 0;
        spool[0] = spools; spools++; boots = 1; on[0] = 1
    }
    atomic {
        run patrol(0); run sender(0);
#if CLONES
        run patrol(1); run sender(1);
#endif
        run ingest(); run fold();
#if RESTORES
        run backup();
#endif
        run mishaps(); run judge()
    }
}
