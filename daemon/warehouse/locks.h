/* locks.h - classes of the warehouse's advisory locks: pg_advisory_lock(class, what). */
#ifndef WAREHOUSE_LOCKS_H
#define WAREHOUSE_LOCKS_H

enum {
        LOCK_MIGRATE = 0x74726901, /* one migration at a time */
        LOCK_REGION,               /* batches share it, erasures have it alone; what: hashtext(region) */
        LOCK_CLERK,                /* one loader sends receipts and does the chores */
};

#endif
