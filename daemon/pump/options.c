/* options.c - the pump's options and metrics: a row each. */
#include "pump_private.h"

#define AT(member) OPTION_AT(struct pump_settings, member)

const struct option pump_options[] = {
        { "in_flight", OPTION_INT, AT(in_flight), "1", "8192", "5000", OPTION_ADVANCED,
          "Messages sent to Kafka and not yet acknowledged by all in-sync replicas." },
        { "hello_every", OPTION_TIME, AT(hello_every_us), "1 s", "10 minutes", "30 s", OPTION_ADVANCED,
          "A partition on which nothing was sent for so long gets a hello, so that the hub sees what it lost; "
          "and so often the hub is told how the region stands." },
        { "account_every", OPTION_TIME, AT(account_every_us), "1 s", "1 hour", "10 s", OPTION_ADVANCED,
          "How often the hub is told what became of the records, if anything changed." },
        { "drain", OPTION_TIME, AT(drain_us), "0 s", "20 s", "8 s", OPTION_ADVANCED,
          "How long stopping waits for messages in flight; what is left is sent again at the next start." },
        { "people", OPTION_INT, AT(people), "1000", "1000000", "100000", OPTION_ADVANCED,
          "Names, handles and addresses of this region's people that \"known_person\" finds in others' words; "
          "beyond it who wrote longest ago is forgotten first. About 200 bytes each." },
        { "people_since", OPTION_TIME, AT(people_since_us), "1 hour", "3660 days", "365 days", OPTION_ADVANCED,
          "At a start the vault's records of so long are read to know who wrote; nothing leaves until then." },
        { "reapply_rate", OPTION_INT, AT(reapply_rate), "10", "100000", "2000", OPTION_ADVANCED,
          "Entries a second that \"policy reapply\" judges again at most; a tenth of it while fresh ones wait." },
        OPTION_END
};

#define COUNTER(name, help) { "tributary_pump_" name, METRIC_COUNTER, NULL, help, 0 }
#define PEOPLE(name, help) { "tributary_pump_" name, METRIC_PEOPLE, NULL, help, 0 }
#define GAUGE(name, help) { "tributary_pump_" name, METRIC_GAUGE, NULL, help, 0 }
struct metric pump_metrics[] = {
        [PUMP_SENT] = PEOPLE("sent_total", "Records sent and acknowledged, deletes included."),
        [PUMP_HELD] = PEOPLE("held_total", "Records held for a person to look at."),
        [PUMP_STAYED] = PEOPLE("stayed_total", "Records that stay in the region."),
        [PUMP_UNREADABLE] = PEOPLE("unreadable_total", "Entries met whose key is destroyed or whose bytes are damaged."),
        [PUMP_EXPIRED] = PEOPLE("expired_total", "Held or staying records whose key retention has destroyed."),
        [PUMP_RETRACTED] = PEOPLE("retracted_total", "Retracts sent because a newer revision may not leave."),
        [PUMP_ACKNOWLEDGED] = COUNTER("acknowledged_total", "Messages of all types acknowledged by all in-sync replicas."),
        [PUMP_RUNS] = COUNTER("runs_total", "Runs of sends begun: starts, new policies, failures, re-sends."),
        [PUMP_RESENDS] = COUNTER("resends_total", "Partitions sent again because the hub had lost something."),
        [PUMP_GAPS] = COUNTER("gaps_total", "Gaps named by the hub."),
        [PUMP_RECEIPTS] = COUNTER("receipts_total", "Receipts heard."),
        [PUMP_REJECTED] = PEOPLE("rejected_total", "Records that the hub could not load."),
        [PUMP_BACKLOG] = GAUGE("backlog_entries", "Entries of the vault not yet settled."),
        [PUMP_IN_FLIGHT] = GAUGE("in_flight_entries", "Entries sent that no receipt covers yet."),
        [PUMP_CLOSED] = GAUGE("closed", "1 while no valid policy set is in force and nothing leaves."),
        [PUMP_KAFKA_UP] = GAUGE("kafka_up", "1 while Kafka can be reached."),
        [PUMP_REFUSED_LOST] = PEOPLE("refused_uncounted_total", "Refused lines that found no room in the account."),
        [PUMP_MISSING] = GAUGE("account_missing_records", "Records that the account lacks, or counts twice. Anything but 0 is wrong."),
        [PUMP_LAG] = GAUGE("lag_seconds", "Age of the oldest entry that is not settled; 0 if none waits."),
        [PUMP_PEOPLE] = GAUGE("known_names", "Names, handles and addresses that are masked in others' words."),
        [PUMP_REAPPLIED] = PEOPLE("reapplied_total", "Records that \"policy reapply\" judged again, dry runs aside."),
        [PUMP_REAPPLYING] = GAUGE("reapply_left_entries", "Entries that a running \"policy reapply\", or its dry run, has still to read."),
        [PUMP_COUNTER] = GAUGE("counter_percent", "Of the counter of people that is nearest to its ceiling: how much is used."),
        [PUMP_RESIDUAL] = COUNTER("residual_total", "Records held because what is masked stood in their message still: a defect. Anything but 0 is wrong."),
        METRIC_END
};
