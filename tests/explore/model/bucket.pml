/* SPDX-License-Identifier: GPL-3.0-only */
/* Every way in which one bucket, a store that forgets, and one or two instances that go on without it can meet, within
   the bounds below: nobody is given more than the promise says. README.md of the folder above says what is left out, and
   how to read a trail.

   Transitions and steps are named after the functions of core/limit and core/engine that they stand for. Each is one step
   that nothing comes between, as in the code: a script of Redis, or what an instance does with one answer under its lock.
   What passes between them (a call, an answer) waits in the state, and everything else may happen first. */

/* --- Bounds: a configuration sets these (the list is in `run`) ----------------------------------------------------- */

#ifndef INSTANCES
#define INSTANCES 2
#endif
#ifndef CAPACITY /* tokens; the bucket starts full */
#define CAPACITY 2
#endif
#ifndef REFILL /* tokens an interval */
#define REFILL 1
#endif
#ifndef INTERVALS /* that begin while we look */
#define INTERVALS 1
#endif
#ifndef TAKES /* requests of one token, of each instance */
#define TAKES 3
#endif
#ifndef LOSSES /* times that the store forgets all */
#define LOSSES 0
#endif
#ifndef COPIES /* 1: it may go back to an older copy, once */
#define COPIES 0
#endif
#ifndef OUTAGES /* of each instance */
#define OUTAGES 1
#endif
#ifndef SETTLE_FAILURES /* of each instance: settlements without an answer, or one that comes too late */
#define SETTLE_FAILURES 1
#endif
/* 1: a call, what it does and its answer are one step: nothing is in doubt, and longer histories can be looked at. */
#ifndef AT_ONCE
#define AT_ONCE 0
#endif
#ifndef LATE /* 1: a call that failed may still reach the store, later */
#define LATE 1
#endif
#ifndef COUNTS /* 1: the instances count themselves; 0: they know how many they are */
#define COUNTS 0
#endif
#ifndef BELIEVED /* instances that each believes in at the beginning */
#define BELIEVED INSTANCES
#endif

/* --- Faults, one at a time, to see that the model finds them ------------------------------------------------------- */

#ifdef FAULT_SHARED_MARK /* all instances settle under one mark */
#define MARK_OF(i) 0
#else
#define MARK_OF(i) (i)
#endif

/* --- Numbers ------------------------------------------------------------------------------------------------------- */

/* Not one within the other: Promela does not read that. */
#define MIN(a, b) ((a) < (b) -> (a) : (b))
#define MAX(a, b) ((a) > (b) -> (a) : (b))
/* addedBy() of core/limit/kernels/token_bucket_cell.cpp: what `intervals` more add to `tokens`, which may be below 0. */
#define ADDED(intervals, tokens) MIN(CAPACITY - (tokens), (intervals) * REFILL)
/* The store's clock, in microseconds of which an interval has 16. It moves on with every interval and with every loss: `born`
   and `losses` of the code are times, and no two of them are the same. */
#define UNIT 16
#define NOW (now_interval * UNIT + now_part)
#define INTERVAL_AT(time) ((time) / UNIT)
#define NAME(i) (65 + (i))

#define NONE 0 /* of a call: there is none */
#define SENT 1 /* under way to the store */
#define DONE 2 /* done; its answer is under way */

#define IN_STORE 0 /* BucketTable::Mode */
#define LOCAL 1
#define SETTLING 2

/* How many bits a number has. With -DWIDE all have eight: as many states must be found, else a number was cut off. */
#ifdef WIDE
#define FEW 8
#define TOTAL 8
#define TIME 8
#else
#define FEW 2   /* tokens of a bucket, intervals, outages, parts */
#define TOTAL 4 /* tokens in all */
#define TIME 6
#endif

/* limit::Bucket. Left out: the limit, which does not change here, and the counts of requests. */
typedef Bucket {
    bit exists;
    unsigned tokens : FEW, interval : FEW, born : TIME, losses : TIME, restored : TOTAL, taken : TOTAL, refilled : TOTAL,
             debt : TOTAL
}

/* limit::Known; born 0: nothing is known. */
typedef Known {
    unsigned born : TIME, losses : TIME, taken : TOTAL, tokens : FEW, interval : FEW, refilled : TOTAL, debt : TOTAL;
#if COPIES
    bit is_of_copy /* told after the store had gone back: for the books only */
#endif
}

/* limit::SettleMark */
typedef Mark {
    unsigned outage : FEW, part : FEW, spent : TOTAL, excess : TOTAL
}

/* limit::Settlement, and what its answer tells */
typedef Settlement {
    unsigned outage : FEW, part : FEW, base_tokens : FEW, base_interval : FEW, base_taken : TOTAL, in_doubt : FEW, tokens : FEW,
             interval : FEW, spent : TOTAL, excess : TOTAL, had : TOTAL;
    bit is_whole, has_base
}

typedef Instance {
    unsigned mode : 2;
    unsigned takes : 3;             /* requests that it has got so far */
    Known known;                    /* KnownBuckets::Entry: what goes out with every call */
    unsigned restored : TOTAL;
    unsigned in_doubt : FEW;        /* since the last answer that taught something */

    unsigned call : 2;              /* its one take under way; */
    Known word;                     /* SENT: what it knew; DONE: what the answer tells */
    unsigned word_restored : TOTAL;
    bit granted;
    bit is_current;                 /* it still knows what it knew when the call went out */
    bit is_overtaken;               /* an outage has begun since, and counts it as in doubt */

    unsigned outages : FEW;         /* LocalBuckets::Local, of the last one */
    unsigned believed : 2 = BELIEVED; /* how many instances it believes in */
    unsigned shares : 2;            /* as many as its share is reckoned by */
    unsigned base_tokens : FEW, base_interval : FEW, base_taken : TOTAL, base_debt : TOTAL, base_in_doubt : FEW;
    unsigned tokens : FEW, debt : TOTAL, interval : FEW;
    unsigned spent : TOTAL, parts : FEW, heard_excess : TOTAL;
    bit is_base_gone;               /* the store has forgotten since */

    unsigned settling : 2;          /* its one settlement under way, as the take above */
    Settlement told;
    Known told_word;
    unsigned told_restored : TOTAL;
    bit told_is_current;
    unsigned failures : 2;          /* settlements that failed or came too late, so far */

    bit is_late;                    /* a take that has failed here, and is still under way to the store */
    Known late_word;
    bit is_told_late;               /* and such a settlement */
    Settlement late_told;
    Known late_told_word
}

Instance at[INSTANCES];
Bucket store;
Mark mark[INSTANCES];
bit counted[INSTANCES] = 1; /* weir:{instances}:W, of the present window: each counts itself first of all */
unsigned now_interval : FEW;
unsigned now_part : 4 = 1;
unsigned losses_so_far : 2;

#if COPIES
Bucket copy;                /* that the store may go back to */
Mark copied_mark[INSTANCES];
unsigned copies : 2;        /* 0: none yet, 1: there is one, 2: the store has gone back to it */
unsigned copied_taken : TOTAL; /* what the copy knew had been taken */
bit is_behind;              /* and nobody who knows of more has called since */
#endif

/* The books. */
unsigned given : 5;         /* tokens, to clients */
unsigned excess : 5;        /* told by settlements, to everybody */
unsigned unaware : 4;       /* taken from an older copy by who knew no better: the promise excepts it */
bit is_over;
#if INSTANCES == 1
short ideal = CAPACITY;     /* the level of a bucket that is never away, if it gives what clients were given and nothing else */
byte to_nobody;             /* tokens that takes got whose callers never heard of it */
#endif

/* Between the lines of one step; 0 before and after it. */
short level, found, others, least, early, over, missing;
unsigned paid : 5, began_with : 5, extra : 5, unpaid : 5, passed : 5, more : 5, price : 5, next_restored : TOTAL;
bit is_unheard_of, is_older, is_exact, is_ours, is_own, has_granted, is_new;
Known next, heard;

inline clear()
{
    level = 0; found = 0; others = 0; least = 0; early = 0; over = 0; missing = 0; paid = 0; began_with = 0; extra = 0; unpaid = 0;
    passed = 0; more = 0; price = 0; next_restored = 0; is_unheard_of = 0; is_older = 0; is_exact = 0; is_ours = 0; is_own = 0;
    has_granted = 0; is_new = 0;
    forgetKnown(next);
    forgetKnown(heard)
}

/* --- Known --------------------------------------------------------------------------------------------------------- */

inline copyKnown(target, source)
{
    target.born = source.born; target.losses = source.losses; target.taken = source.taken; target.tokens = source.tokens;
    target.interval = source.interval; target.refilled = source.refilled; target.debt = source.debt;
#if COPIES
    target.is_of_copy = source.is_of_copy
#endif
}

inline forgetKnown(target)
{
    target.born = 0; target.losses = 0; target.taken = 0; target.tokens = 0; target.interval = 0; target.refilled = 0;
    target.debt = 0;
#if COPIES
    target.is_of_copy = 0
#endif
}

inline copySettlement(target, source)
{
    target.outage = source.outage; target.part = source.part; target.is_whole = source.is_whole;
    target.base_tokens = source.base_tokens; target.base_interval = source.base_interval; target.base_taken = source.base_taken;
    target.had = source.had; target.has_base = source.has_base; target.in_doubt = source.in_doubt; target.tokens = source.tokens;
    target.interval = source.interval; target.spent = source.spent; target.excess = source.excess
}

inline copyBucket(target, source)
{
    target.exists = source.exists; target.tokens = source.tokens; target.interval = source.interval;
    target.born = source.born; target.losses = source.losses; target.restored = source.restored; target.taken = source.taken;
    target.refilled = source.refilled; target.debt = source.debt
}

inline forgetBucket(target)
{
    target.exists = 0; target.tokens = 0; target.interval = 0; target.born = 0; target.losses = 0; target.restored = 0;
    target.taken = 0; target.refilled = 0; target.debt = 0
}

inline forgetMark(target)
{
    target.outage = 0; target.part = 0; target.spent = 0; target.excess = 0
}

inline copyMark(target, source)
{
    target.outage = source.outage; target.part = source.part; target.spent = source.spent; target.excess = source.excess
}

#define SAME(a, b) (a.born == b.born && a.losses == b.losses && a.taken == b.taken && a.tokens == b.tokens && \
                    a.interval == b.interval && a.refilled == b.refilled && a.debt == b.debt)
#define YOUNGER(a, b) (a.losses < b.losses || (a.losses == b.losses && (a.taken < b.taken \
                       || (a.taken == b.taken && a.refilled < b.refilled))))

inline knownAfter(target)
{
    target.born = store.born; target.losses = store.losses; target.taken = store.taken; target.tokens = store.tokens;
    target.interval = store.interval; target.refilled = store.refilled; target.debt = store.debt;
#if COPIES
    target.is_of_copy = copies == 2
#endif
}

/* KnownBuckets::Entry::learn(), with knownFrom() and isOlder() of core/limit: the level that is told includes what was taken. */
inline learn(i, answer, answer_restored, was_current)
{
    copyKnown(next, answer);
    next_restored = answer_restored;
    is_unheard_of = !was_current && next.born == at[i].known.born && next.losses > at[i].known.losses &&
                    next_restored < at[i].known.taken;
    if
    :: is_unheard_of -> at[i].in_doubt = 0; at[i].restored = MAX(at[i].restored, next_restored)
    :: else ->
        is_older = at[i].known.born > 0 && next.born == at[i].known.born &&
                   (next.losses < at[i].known.losses -> next.taken <= at[i].restored : YOUNGER(next, at[i].known));
        if
        :: is_older -> skip
        :: else ->
            if
            :: at[i].known.born == next.born -> at[i].restored = MAX(at[i].restored, next_restored)
            :: else -> at[i].restored = next_restored
            fi;
            at[i].in_doubt = 0;
            if
            :: !SAME(at[i].known, next) ->
                copyKnown(at[i].known, next);
                at[i].is_current = 0;
                at[i].told_is_current = 0
            :: else
            fi
        fi
    fi
}

/* --- The bucket in the store: core/limit/take.cpp ---------------------------------------------------------------- */

inline owe(amount)
{
    paid = MIN(store.tokens, amount);
    store.tokens = store.tokens - paid;
    store.debt = store.debt + (amount) - paid
}

inline lossAfter(losses_known, time)
{
    store.losses = MAX((losses_known) + 1, time)
}

inline newBucket()
{
    store.exists = 1; store.tokens = CAPACITY; store.interval = now_interval; store.born = NOW;
    store.losses = 0; store.restored = 0; store.taken = 0; store.refilled = 0; store.debt = 0
}

/* Also bringBack(). */
inline setTo(caller)
{
    store.exists = 1; store.tokens = caller.tokens; store.interval = caller.interval; store.taken = caller.taken;
    store.refilled = caller.refilled; store.born = caller.born; store.restored = caller.taken;
    lossAfter(caller.losses, NOW);
#ifdef FAULT_FORGOTTEN_DEBT
    store.debt = 0
#else
    store.debt = caller.debt
#endif
}

inline knownLevel(caller, time)
{
    level = caller.tokens - caller.debt;
    passed = MAX(0, INTERVAL_AT(time) - caller.interval);
    level = level + ADDED(passed, level)
}

inline merge(caller)
{
    began_with = MAX(0, store.tokens - store.debt + store.taken - store.refilled);
    began_with = MIN(CAPACITY, began_with);
    knownLevel(caller, store.born);
    unpaid = MAX(0, began_with - level);
    owe(unpaid);
    extra = MIN(began_with, level);
    store.refilled = store.refilled + caller.refilled + MAX(0, extra - caller.tokens + caller.debt);
    store.taken = store.taken + caller.taken;
    extra = MAX(caller.losses, store.losses);
    lossAfter(extra, store.born);
    store.born = caller.born;
    store.restored = caller.taken
}

inline catchUp(caller)
{
#ifdef FAULT_NO_CATCH_UP
    skip
#else
    if
    :: caller.taken > store.restored ->
        extra = caller.taken - store.restored;
        knownLevel(caller, store.losses);
        unpaid = MIN(extra, CAPACITY - level);
        if
        :: unpaid > 0 -> owe(unpaid)
        :: else
        fi;
        store.refilled = store.refilled + extra - unpaid;
        store.taken = store.taken + extra;
        store.restored = caller.taken
    :: else
    fi
#endif
}

inline compare(caller)
{
    if
    :: caller.born == 0 -> skip
    :: caller.born > 0 && store.born != caller.born ->
        if
        :: caller.born < store.born || store.losses <= caller.losses -> merge(caller)
        :: else
        fi
    :: caller.born > 0 && store.born == caller.born ->
        if
        :: store.losses > caller.losses -> catchUp(caller)
        :: store.losses <= caller.losses && store.taken < caller.taken -> setTo(caller)
        :: else
        fi
    fi
}

inline applyDueIntervals()
{
    if
    :: now_interval > store.interval ->
        passed = ADDED(now_interval - store.interval, store.tokens);
        store.tokens = store.tokens + passed;
        store.refilled = store.refilled + passed;
        store.interval = now_interval
    :: else
    fi
}

inline open(caller)
{
#if COPIES
    if
    :: is_behind && caller.taken > copied_taken && !caller.is_of_copy -> is_behind = 0
    :: else
    fi;
#endif
    if
    :: !store.exists && caller.born == 0 -> newBucket()
    :: !store.exists && caller.born > 0 -> setTo(caller)
    :: else -> compare(caller)
    fi;
    applyDueIntervals();
    extra = store.debt;
    store.debt = 0;
    owe(extra)
}

/* limit::take() of one request of `cost` tokens. */
inline takeFromStore(caller, cost)
{
    open(caller);
    has_granted = cost > 0 && store.tokens >= cost;
    if
    :: has_granted ->
        store.tokens = store.tokens - cost;
        store.taken = store.taken + cost;
#if COPIES
        unaware = unaware + is_behind;
#endif
#if INSTANCES == 1
        ideal = ideal - 1
#endif
    :: else
    fi
}

/* A take was done, and no client was given what it took. */
inline bookToNobody()
{
#if INSTANCES == 1
    ideal = MIN(CAPACITY, ideal + 1);
    to_nobody++
#else
    skip
#endif
}

/* limit::settle(): core/limit/settle.cpp. The answer is put into `s`. */
inline settleInStore(place, caller, claim)
{
    open(caller);
    is_new = claim.outage > mark[place].outage || (claim.outage == mark[place].outage && claim.part > mark[place].part);
#ifdef FAULT_ENTERED_TWICE
    is_new = 1;
#endif
    claim.excess = 0;
    if
    :: is_new ->
        if
        :: claim.outage > mark[place].outage -> forgetMark(mark[place])
        :: else
        fi;
#ifdef FAULT_ENTERED_TWICE
        mark[place].spent = 0;
#endif
        enter(place, caller, claim)
    :: else
    fi
}

inline isUntouched(claim)
{
    passed = MAX(0, store.interval - claim.base_interval);
    least = claim.base_tokens + ADDED(passed, claim.base_tokens) - others;
    early = MAX(0, claim.base_tokens - others);
    is_exact = store.tokens >= least &&
               (others > claim.base_tokens || store.tokens <= early + ADDED(passed, early))
}

inline setToInstance(claim)
{
    level = MAX(0, claim.tokens - found);
    passed = MAX(0, store.interval - claim.interval);
    level = level + ADDED(passed, level);
    level = MAX(level, store.tokens - more);
    store.interval = MAX(store.interval, claim.interval)
}

/* The lower of two bounds: what is not there, and what was taken for somebody beyond what the instance itself has had until now. */
inline excessOf(place, is_base_ours, claim)
{
    missing = mark[place].excess + more - (store.tokens - level);
    if
    :: is_base_ours ->
        passed = MAX(0, store.interval - claim.interval);
        over = others + more - (is_own -> found : 0) - claim.had - ADDED(passed, claim.tokens);
        mark[place].excess = MAX(mark[place].excess, (over < missing -> over : missing))
    :: else -> mark[place].excess = missing
    fi
}

inline enter(place, caller, claim)
{
    more = MAX(0, claim.spent - mark[place].spent);
    others = store.taken - claim.base_taken;
    found = others - mark[place].spent;
    is_ours = store.born == caller.born;
    is_own = claim.is_whole && is_ours && found >= 0 && found <= claim.in_doubt;
    is_exact = 0;
    if
    :: is_own -> isUntouched(claim)
    :: else
    fi;
    if
    :: is_exact -> setToInstance(claim)
    :: else ->
        level = MAX(0, store.tokens - more);
        excessOf(place, claim.has_base && is_ours && store.losses == caller.losses && others >= 0, claim)
    fi;
    claim.excess = mark[place].excess;
#if COPIES
    unaware = unaware + (is_behind -> more : 0);
#endif
    store.refilled = store.refilled + MAX(0, level - (store.tokens - more));
    store.tokens = level;
    store.taken = store.taken + more;
    mark[place].outage = claim.outage;
    mark[place].part = claim.part;
    mark[place].spent = MAX(claim.spent, mark[place].spent)
}

/* --- An instance: core/engine/decide/limiter.cpp, keep/settler.cpp, known/bucket_table.cpp, local_buckets.cpp ------------------- */

/* BucketTable::begin() and LocalBuckets::localOf(). What is under way and what got no answer is in doubt. */
inline begin(i)
{
    at[i].mode = LOCAL;
    at[i].outages++;
    at[i].shares = at[i].believed;
    at[i].base_tokens = at[i].known.tokens;
    at[i].base_interval = at[i].known.interval;
    at[i].base_taken = at[i].known.taken;
    at[i].base_debt = at[i].known.debt;
    at[i].base_in_doubt = at[i].in_doubt + (at[i].call != NONE -> 1 : 0);
#ifndef FAULT_GIVES_LATE /* what an outage has counted as in doubt is given to its client all the same */
    at[i].is_overtaken = at[i].call != NONE;
#endif
    at[i].tokens = at[i].known.tokens;
    at[i].debt = at[i].known.debt;
    at[i].interval = at[i].known.interval;
    at[i].spent = 0;
    at[i].parts = 0;
    at[i].is_base_gone = 0
}

/* LocalBuckets::take() of one request of one token, which costs as many as there are instances. */
inline takeLocally(i)
{
    passed = MAX(0, now_interval - at[i].interval);
    at[i].tokens = at[i].tokens + ADDED(passed, at[i].tokens);
    paid = MIN(at[i].tokens, at[i].debt);
    at[i].tokens = at[i].tokens - paid;
    at[i].debt = at[i].debt - paid;
    at[i].interval = at[i].interval + passed;
    price = at[i].shares;
    has_granted = at[i].tokens >= price;
    if
    :: has_granted ->
        at[i].tokens = at[i].tokens - price;
        at[i].spent++;
        given++;
#if INSTANCES == 1
        ideal = ideal - 1
#endif
    :: else
    fi;
}

#define SAY_GRANTED(i) \
    if \
    :: has_granted -> printf("   granted\n") \
    :: else -> printf("   refused\n") \
    fi

#if COUNTS
/* InstanceCount::look(), learn(): a lower number is not believed while we look, for a store that forgets is no calm window. */
inline believeInCounted(i)
{
    counted[i] = 1;
#ifdef FAULT_FORGOTTEN_COUNT
    at[i].believed = counted[0] + counted[1]
#else
    at[i].believed = MAX(at[i].believed, counted[0] + counted[1])
#endif
}
#endif

/* Settler::look(), which first asks how many they are, and settle(), BucketTable::takeWork(). */
inline freeze(i)
{
    at[i].mode = SETTLING;
    at[i].parts++;
    at[i].told.outage = at[i].outages;
    at[i].told.part = at[i].parts;
#if COUNTS
    believeInCounted(i);
#endif
    at[i].told.is_whole = at[i].shares == 1 && at[i].believed == 1;
    at[i].told.base_tokens = at[i].base_tokens;
    at[i].told.base_interval = at[i].base_interval;
    at[i].told.base_taken = at[i].base_taken;
    at[i].told.had = MAX(0, at[i].tokens - at[i].debt + at[i].spent * at[i].shares);
    at[i].told.has_base = !at[i].is_base_gone;
    at[i].told.in_doubt = at[i].base_in_doubt;
    at[i].told.tokens = at[i].tokens;
    at[i].told.interval = at[i].interval;
    at[i].told.spent = at[i].spent;
    at[i].told.excess = 0;
    copyKnown(at[i].told_word, at[i].known);
    at[i].told_is_current = 1;
    at[i].settling = SENT
}

inline settleArrives(i)
{
    settleInStore(MARK_OF(i), at[i].told_word, at[i].told);
    knownAfter(at[i].told_word);
    at[i].told_restored = store.restored;
    at[i].settling = DONE
}

inline forgetSettlement(target)
{
    target.outage = 0; target.part = 0; target.is_whole = 0; target.base_tokens = 0; target.base_interval = 0;
    target.base_taken = 0; target.had = 0; target.has_base = 0; target.in_doubt = 0; target.tokens = 0; target.interval = 0;
    target.spent = 0; target.excess = 0
}

/* What nobody looks at any more is 0, so that states that differ in nothing else are one. */
inline forgetOutage(i)
{
    at[i].shares = 0; at[i].base_tokens = 0; at[i].base_interval = 0; at[i].base_taken = 0; at[i].base_debt = 0;
    at[i].base_in_doubt = 0; at[i].tokens = 0; at[i].debt = 0; at[i].interval = 0;
    at[i].spent = 0; at[i].parts = 0; at[i].heard_excess = 0; at[i].is_base_gone = 0
}

inline forgetSettling(i)
{
    at[i].settling = NONE;
    forgetSettlement(at[i].told);
    forgetKnown(at[i].told_word);
    at[i].told_restored = 0;
    at[i].told_is_current = 0
}

inline forgetCall(i)
{
    at[i].call = NONE;
    forgetKnown(at[i].word);
    at[i].word_restored = 0;
    at[i].granted = 0;
    at[i].is_overtaken = 0;
    at[i].is_current = 0
}

/* Settler::onSettled(), BucketTable::confirm() and finish(). */
inline onSettled(i)
{
    at[i].is_base_gone = at[i].is_base_gone || at[i].told_word.losses != at[i].known.losses;
    learn(i, at[i].told_word, at[i].told_restored, at[i].told_is_current);
    /* confirm(): what is told is of the whole outage. */
    excess = excess + MAX(0, at[i].told.excess - at[i].heard_excess);
    at[i].heard_excess = MAX(at[i].heard_excess, at[i].told.excess);
    if
    :: at[i].mode == SETTLING ->
        at[i].mode = IN_STORE;
        forgetOutage(i)
    :: else
    fi;
    forgetSettling(i)
}

/* A take that costs nothing: Limiter::probe(). */
inline callAgain(i)
{
    takeFromStore(at[i].known, 0);
    knownAfter(heard);
    learn(i, heard, store.restored, 1)
}

/* Everybody who decided alone settles, and calls again: twice, for what a caller keeps for one more call. */
inline allCallAgain(first, second)
{
    if
    :: at[first].mode == LOCAL -> freeze(first); settleArrives(first); onSettled(first)
    :: else
    fi;
    if
    :: at[second].mode == LOCAL -> freeze(second); settleArrives(second); onSettled(second)
    :: else
    fi;
    callAgain(first);
    callAgain(second);
    callAgain(first);
    callAgain(second)
}

#define IS_QUIET(i) (at[i].call == NONE && at[i].settling == NONE)
#if INSTANCES == 1
#define ARE_QUIET IS_QUIET(0)
#define ARE_IN_STORE (at[0].mode == IN_STORE)
#else
#define ARE_QUIET (IS_QUIET(0) && IS_QUIET(1))
#define ARE_IN_STORE (at[0].mode == IN_STORE && at[1].mode == IN_STORE)
#endif

inline sayStore()
{
    if
    :: store.exists ->
        printf("      the store: %d tokens, owes %d, taken %d, interval %d, ", store.tokens, store.debt, store.taken,
               store.interval);
        printf("born %d, losses %d, restored %d\n", store.born, store.losses, store.restored)
    :: else -> printf("      the store: nothing\n")
    fi
}

/* Two that went on from the same level with their shares: together they give nothing that the one bucket would not have
   given. */
inline checkShares()
{
#if INSTANCES == 2
    level = at[0].base_tokens + (now_interval - at[0].base_interval) * REFILL - at[0].base_debt;
    if
    :: at[0].mode != IN_STORE && at[1].mode != IN_STORE && at[0].base_tokens == at[1].base_tokens &&
       at[0].base_taken == at[1].base_taken && at[0].base_interval == at[1].base_interval &&
       at[0].base_debt == at[1].base_debt && BELIEVED == 2 ->
        if
        :: at[0].spent + at[1].spent > MAX(0, level) ->
            printf("BROKEN: both went on from %d tokens, and have given %d and %d\n", at[0].base_tokens, at[0].spent,
                   at[1].spent);
            assert(false)
        :: else
        fi
    :: else
    fi
#else
    skip
#endif
}

/* Nothing tells the two apart before one of them calls: let that be A. */
#define HAS_BEGUN (at[0].takes + at[0].outages > 0)

/* After the last word, all states are one. */
inline forgetInstance(i)
{
    at[i].mode = IN_STORE; at[i].takes = 0; forgetKnown(at[i].known); at[i].restored = 0;
    at[i].in_doubt = 0; at[i].outages = 0; at[i].believed = 0; at[i].failures = 0; at[i].is_late = 0;
    forgetKnown(at[i].late_word); at[i].is_told_late = 0; forgetKnown(at[i].late_told_word); forgetSettlement(at[i].late_told)
}

inline forgetAll()
{
    forgetBucket(store);
    forgetMark(mark[0]);
    forgetMark(mark[INSTANCES - 1]);
    forgetInstance(0);
    forgetInstance(INSTANCES - 1);
    counted[0] = 0; counted[INSTANCES - 1] = 0; now_interval = 0; now_part = 0; losses_so_far = 0; given = 0; excess = 0;
    unaware = 0;
#if COPIES
    forgetBucket(copy);
    forgetMark(copied_mark[0]);
    forgetMark(copied_mark[INSTANCES - 1]);
    copies = 0; copied_taken = 0; is_behind = 0;
#endif
#if INSTANCES == 1
    ideal = 0; to_nobody = 0;
#endif
    is_over = 1
}

/* --- What may happen ----------------------------------------------------------------------------------------------- */

active [INSTANCES] proctype instance()
{
end:
    do
#if AT_ONCE
    :: d_step { !is_over && at[_pid].mode == IN_STORE && at[_pid].takes < TAKES && (_pid == 0 || HAS_BEGUN) ->
        at[_pid].takes++;
        printf("%c take: of the store, which answers at once\n", NAME(_pid));
        takeFromStore(at[_pid].known, 1);
        SAY_GRANTED(_pid);
        given = given + has_granted;
        knownAfter(heard);
        learn(_pid, heard, store.restored, 1);
        sayStore();
        clear()
      }
    :: d_step { !is_over && at[_pid].mode == LOCAL ->
        printf("%c freeze, settle, finish: at once; spent %d\n", NAME(_pid), at[_pid].spent);
        freeze(_pid);
        settleArrives(_pid);
        printf("   exact %d, excess %d\n", is_exact, at[_pid].told.excess);
        sayStore();
        onSettled(_pid);
        clear()
      }
#else
    /* Limiter::submit() */
    :: d_step { !is_over && at[_pid].mode == IN_STORE && at[_pid].call == NONE && at[_pid].takes < TAKES &&
                (_pid == 0 || HAS_BEGUN) ->
        at[_pid].takes++;
        at[_pid].call = SENT;
        copyKnown(at[_pid].word, at[_pid].known);
        at[_pid].is_current = 1;
        printf("%c submit: a take goes out; it knows of %d tokens, %d taken, %d owed\n", NAME(_pid), at[_pid].known.tokens,
               at[_pid].known.taken, at[_pid].known.debt);
        clear()
      }
    :: d_step { !is_over && at[_pid].call == SENT ->
        printf("%c take: arrives at the store\n", NAME(_pid));
        takeFromStore(at[_pid].word, 1);
        SAY_GRANTED(_pid);
        at[_pid].granted = has_granted;
        knownAfter(at[_pid].word);
        at[_pid].word_restored = store.restored;
        at[_pid].call = DONE;
        sayStore();
        clear()
      }
    :: d_step { !is_over && at[_pid].call == DONE ->
        printf("%c onTaken: the answer is there: %d granted\n", NAME(_pid), at[_pid].granted);
        if
        :: at[_pid].is_overtaken && at[_pid].mode != IN_STORE -> at[_pid].in_doubt++
        :: else -> learn(_pid, at[_pid].word, at[_pid].word_restored, at[_pid].is_current)
        fi;
        if
        :: !at[_pid].is_overtaken -> given = given + at[_pid].granted
        :: else ->
            at[_pid].takes--;
            if
            :: at[_pid].granted -> bookToNobody()
            :: else
            fi
        fi;
        forgetCall(_pid);
        clear()
      }
    /* onTaken() of a failure, decideLocally(). The request is decided by one of the next steps, but for a bucket that nobody
       here has heard of: it is rejected. */
    :: d_step { !is_over && at[_pid].call != NONE &&
                (at[_pid].mode != IN_STORE || at[_pid].known.born == 0 || at[_pid].outages < OUTAGES) ->
        printf("%c onTaken: the take failed, nobody knows whether it was done\n", NAME(_pid));
        at[_pid].in_doubt++;
        if
        :: at[_pid].granted -> bookToNobody()
        :: else
        fi;
        forgetCall(_pid);
        if
        :: at[_pid].mode == IN_STORE && at[_pid].known.born > 0 ->
            begin(_pid);
            printf("   begin: goes on with 1/%d of %d tokens, %d owed, %d in doubt\n", at[_pid].shares, at[_pid].base_tokens,
                   at[_pid].base_debt, at[_pid].base_in_doubt)
        :: else
        fi;
        at[_pid].takes = at[_pid].takes - (at[_pid].mode != IN_STORE -> 1 : 0);
        clear()
      }
#if LATE
    :: d_step { !is_over && at[_pid].call == SENT && !at[_pid].is_late &&
                (at[_pid].mode != IN_STORE || at[_pid].known.born == 0 || at[_pid].outages < OUTAGES) ->
        printf("%c onTaken: the take failed, but is still under way to the store\n", NAME(_pid));
        at[_pid].is_late = 1;
        copyKnown(at[_pid].late_word, at[_pid].word);
        at[_pid].in_doubt++;
        forgetCall(_pid);
        if
        :: at[_pid].mode == IN_STORE && at[_pid].known.born > 0 ->
            begin(_pid);
            printf("   begin: goes on with 1/%d of %d tokens, %d owed, %d in doubt\n", at[_pid].shares, at[_pid].base_tokens,
                   at[_pid].base_debt, at[_pid].base_in_doubt)
        :: else
        fi;
        at[_pid].takes = at[_pid].takes - (at[_pid].mode != IN_STORE -> 1 : 0);
        clear()
      }
    :: d_step { !is_over && at[_pid].is_late ->
        printf("%c take: of a call that failed, arrives at the store; nobody is told\n", NAME(_pid));
        takeFromStore(at[_pid].late_word, 1);
        SAY_GRANTED(_pid);
        if
        :: has_granted -> bookToNobody()
        :: else
        fi;
        at[_pid].is_late = 0;
        forgetKnown(at[_pid].late_word);
        sayStore();
        clear()
      }
    :: d_step { !is_over && at[_pid].is_told_late ->
        printf("%c settle: of a call that failed, arrives at the store; nobody is told\n", NAME(_pid));
        settleInStore(MARK_OF(_pid), at[_pid].late_told_word, at[_pid].late_told);
        at[_pid].is_told_late = 0;
        forgetKnown(at[_pid].late_told_word);
        forgetSettlement(at[_pid].late_told);
        sayStore();
        clear()
      }
#endif
#endif
    /* Another of its threads has found the store away. */
    :: d_step { !is_over && at[_pid].mode == IN_STORE && at[_pid].known.born > 0 && at[_pid].outages < OUTAGES ->
        begin(_pid);
        printf("%c begin: goes on with 1/%d of %d tokens, %d owed, %d in doubt\n", NAME(_pid), at[_pid].shares,
               at[_pid].base_tokens, at[_pid].base_debt, at[_pid].base_in_doubt);
        clear()
      }
    :: d_step { !is_over && at[_pid].mode == LOCAL && at[_pid].takes < TAKES ->
        at[_pid].takes++;
        printf("%c takeLocally: a request is decided without the store\n", NAME(_pid));
        takeLocally(_pid);
        SAY_GRANTED(_pid);
        checkShares();
        clear()
      }
#if !AT_ONCE
    :: d_step { !is_over && at[_pid].mode == LOCAL && at[_pid].settling == NONE ->
        freeze(_pid);
        printf("%c freeze, settle: part %d goes out: spent %d, %d in doubt, level %d\n", NAME(_pid), at[_pid].parts,
               at[_pid].spent, at[_pid].base_in_doubt, at[_pid].tokens);
        clear()
      }
    :: d_step { !is_over && at[_pid].settling == SENT ->
        printf("%c settle: arrives at the store\n", NAME(_pid));
        settleArrives(_pid);
        printf("   new %d, exact %d, excess %d\n", is_new, is_new && is_exact, at[_pid].told.excess);
        sayStore();
        clear()
      }
    :: d_step { !is_over && at[_pid].settling == DONE ->
        printf("%c onSettled, finish: the answer is there; it tells an excess of %d\n", NAME(_pid), at[_pid].told.excess);
        onSettled(_pid);
        clear()
      }
    :: d_step { !is_over && at[_pid].mode == SETTLING && at[_pid].failures < SETTLE_FAILURES ->
        printf("%c thaw: the store does not confirm in time\n", NAME(_pid));
        at[_pid].failures++;
        at[_pid].mode = LOCAL;
        clear()
      }
    :: d_step { !is_over && at[_pid].settling != NONE && at[_pid].failures < SETTLE_FAILURES ->
        printf("%c onSettled, thaw: the settlement failed, nobody knows whether it was done\n", NAME(_pid));
        at[_pid].failures++;
        at[_pid].mode = LOCAL;
        forgetSettling(_pid);
        clear()
      }
#if LATE
    :: d_step { !is_over && at[_pid].settling == SENT && at[_pid].failures < SETTLE_FAILURES ->
        printf("%c onSettled, thaw: the settlement failed, but is still under way to the store\n", NAME(_pid));
        at[_pid].failures++;
        at[_pid].mode = LOCAL;
        at[_pid].is_told_late = 1;
        copyKnown(at[_pid].late_told_word, at[_pid].told_word);
        copySettlement(at[_pid].late_told, at[_pid].told);
        forgetSettling(_pid);
        clear()
      }
#endif
#endif
#if COUNTS
    :: d_step { !is_over && (!counted[_pid] || at[_pid].believed < counted[0] + counted[1]) ->
        believeInCounted(_pid);
        printf("%c look: counts itself, and believes in %d instances\n", NAME(_pid), at[_pid].believed);
        clear()
      }
#endif
    od
}

inline forgetStore()
{
    forgetBucket(store);
    forgetMark(mark[0]);
    forgetMark(mark[INSTANCES - 1]);
    counted[0] = 0;
    counted[INSTANCES - 1] = 0;
    losses_so_far++;
    now_part = now_part + 4
}

inline check()
{
    sayStore();
    printf("      given %d, of %d and %d refilled; excess told %d, taken from an older copy %d\n", given, CAPACITY,
           now_interval * REFILL, excess, unaware);
    if
    :: given + store.tokens > CAPACITY + now_interval * REFILL + excess + unaware + store.debt ->
        printf("BROKEN: more was given, or can be, than level + refills + excess + what is owed\n");
        assert(false)
    :: else
    fi;
#if INSTANCES == 1 && LOSSES == 0 && COPIES == 0
    if
    :: given + store.tokens > CAPACITY + now_interval * REFILL ||
       store.tokens > ideal || store.debt > 0 || (to_nobody == 0 && (excess > 0 || store.tokens != ideal)) ->
        printf("BROKEN: one instance, nothing lost: a bucket that is never away would have %d tokens\n", ideal);
        assert(false)
    :: else
    fi;
#endif
    forgetAll()
}

active proctype world()
{
end:
    do
    :: d_step { !is_over && now_interval < INTERVALS ->
        now_interval++;
#if INSTANCES == 1
        ideal = MIN(CAPACITY, ideal + REFILL);
#endif
        printf("An interval begins: %d\n", now_interval);
        clear()
      }
#if LOSSES > 0
    :: d_step { !is_over && losses_so_far == 0 && store.exists ->
        printf("The store forgets all\n");
        forgetStore();
        clear()
      }
#endif
#if LOSSES > 1
    /* What is promised for another loss: that everybody has called since the one before. */
    :: d_step { !is_over && losses_so_far > 0 && losses_so_far < LOSSES && ARE_QUIET && ARE_IN_STORE ->
        allCallAgain(0, INSTANCES - 1);
        printf("All call again; the store forgets all\n");
        sayStore();
        forgetStore();
        clear()
      }
#endif
#if COPIES
    :: d_step { !is_over && copies == 0 && store.exists ->
        copies = 1;
        copyBucket(copy, store);
        copyMark(copied_mark[0], mark[0]);
        copyMark(copied_mark[INSTANCES - 1], mark[INSTANCES - 1]);
        printf("The store is copied: %d tokens, %d taken\n", store.tokens, store.taken);
        clear()
      }
    :: d_step { !is_over && copies == 1 ->
        copies = 2;
        is_behind = copy.taken < store.taken || !store.exists || copy.losses < store.losses;
        copyBucket(store, copy);
        copied_taken = copy.taken;
        copyMark(mark[0], copied_mark[0]);
        copyMark(mark[INSTANCES - 1], copied_mark[INSTANCES - 1]);
        forgetBucket(copy);
        forgetMark(copied_mark[0]);
        forgetMark(copied_mark[INSTANCES - 1]);
        now_part = now_part + 4;
        printf("The store goes back to its copy\n");
        sayStore();
        clear()
      }
#endif
    :: d_step { !is_over && ARE_QUIET ->
        printf("All settle and call again\n");
        allCallAgain(0, INSTANCES - 1);
        check();
        clear()
      }
#if INSTANCES == 2
    :: d_step { !is_over && ARE_QUIET ->
        printf("All settle and call again, B first\n");
        allCallAgain(1, 0);
        check();
        clear()
      }
#endif
    od
}
