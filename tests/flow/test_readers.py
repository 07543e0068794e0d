"""A reader of each country sees exactly what the policies allow, before and after a basis ends.

What may be read is worked out here anew, from the policy and region files, by a reader of libconfig of our own:
nothing of the program's is asked for the truth.
"""
import datetime
import json
import os
import re
import shutil
import signal
import tempfile
import zoneinfo

import psycopg2
import pytest

from conftest import BINARY, PROJECT, Deployment, finish, until

REGIONS = ["cn-beijing", "us-virginia", "de-frankfurt", "gb-london", "jp-tokyo", "id-jakarta", "sg-singapore", "in-mumbai"]
COUNTRIES = ["DE", "FR", "IS", "RE", "US", "US-CA", "GB", "JP", "CN", "ID", "SG", "IN", "CH", "KR", "BR", "CA"]
EEA = set("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split()) | {
    "RE", "GP", "MQ", "GF", "YT", "MF", "AX"}  # the last: where EU law applies as in its members
SAID = 6  # records a region: enough that none of its counts is small
TOMORROW = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1, hours=13)).strftime("%Y-%m-%d")

# ---- libconfig, as far as these files go -----------------------------------------------------------------------

TOKEN = re.compile(r'\s+|#[^\n]*|("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_]*)|(-?[0-9.]+)|([={}()\[\];,])')


def config(text):
    tokens = [m.group(1) or m.group(2) or m.group(3) or m.group(4) for m in TOKEN.finditer(text) if m.lastindex]
    at = 0

    def value():
        nonlocal at
        token, at = tokens[at], at + 1
        if token == "{":
            found = group("}")
        elif token in "([":
            found = []
            while tokens[at] not in ")]":
                found.append(value())
                at += tokens[at] == ","
        else:
            return token[1:-1] if token[0] == '"' else token
        at += 1
        return found

    def group(end):
        nonlocal at
        found = {}
        while at < len(tokens) and tokens[at] != end:
            name, at = tokens[at], at + 2
            found[name] = value()
            at += at < len(tokens) and tokens[at] == ";"
        return found

    return group(None)


def read_config(*parts):
    return config(open(os.path.join(*parts), encoding="utf-8").read())


def end_of(line, zone):
    """The moment at which the line's basis is over; None: it has no end."""
    if "until" not in line:
        return None
    day = datetime.datetime.strptime(line["until"], "%Y-%m-%d") + datetime.timedelta(days=1)
    return day.replace(tzinfo=zoneinfo.ZoneInfo(zone))


def within(country, code):
    return country == code or (code == "EEA" and country in EEA) or country.split("-")[0] == code


def may_read(d, region, country, when=None):
    here = read_config(d.path("regions", region + ".cfg"))
    when = when or datetime.datetime.now(datetime.timezone.utc)
    ends = [end_of(line, here["timezone"]) for line in read_config(d.policies, here["policy"] + ".cfg")["transfers"]
            if "reading" in line["allow"] and any(within(country, code) for code in line["to"])]
    return any(end is None or when < end for end in ends)


def readable(d, country):
    return {region for region in REGIONS if may_read(d, region, country)}


# ---- The deployment --------------------------------------------------------------------------------------------

def role(surface, country):
    return f"reader_{surface}_{country.lower().replace('-', '_')}"


class House(Deployment):
    """Eight laws, and a reader of each surface in each country; policies of its own, some bases with an end."""

    def __init__(self, root):
        self.readers = [(surface, country) for country in COUNTRIES for surface in ("voice", "count")]
        super().__init__(root, BINARY, regions=REGIONS, loaders=1, partitions=1, policies=os.path.join(root, "policies"))
        # Without the shipped ones' cases: they describe other bases, and a set that fails its own is not taken.
        shutil.copytree(os.path.join(PROJECT, "policies"), self.policies, ignore=shutil.ignore_patterns("cases"))
        self.edit("eea.cfg", 'until = "2027-09-30"', f'until = "{TOMORROW}"')        # the US: soon hidden
        self.edit("gb.cfg", 'until = "2027-09-30"', 'until = "2026-01-31"')            # the US: hidden long ago
        self.edit("in.cfg", '"JP"];  allow = ["kafka", "warehouse", "reading"]',
                  '"JP", "KR"];  allow = ["kafka", "warehouse", "reading"];  until = "2050-12-31"')

    def edit(self, name, old, new):
        file = os.path.join(self.policies, name)
        text = open(file, encoding="utf-8").read()
        assert old in text, (name, old)
        with open(file, "w", encoding="utf-8") as f:
            f.write(text.replace(old, new, 1))

    def region_part(self, code):
        self.secret(code + "-app")
        return f"""
listen = {{ port = {self.ports['public-' + code]}; }};
internal = {{ port = {self.ports['internal-' + code]}; }};
pump = {{ account_every = "1 s"; }};
vault = {{ max_bytes = "2 GiB"; min_free = "64 MiB"; }};
sources = ( {{ name = "app";  type = "api";  secret_file = "{self.path('secrets', code + '-app')}"; }} );
"""

    def hub_part(self):
        lines = ",\n".join(f'        {{ role = "{role(s, c)}";  country = "{c}";  surface = "{s}"; }}' for s, c in self.readers)
        return f"readers = (\n{lines}\n);\n" + super().hub_part()

    def write_files(self):
        super().write_files()
        file = self.path("regions", "hub.cfg")  # two `readers`: only ours stays
        text = open(file, encoding="utf-8").read()
        with open(file, "w", encoding="utf-8") as f:
            f.write(re.sub(r"readers = \(.*?\n\);\n", "", text, count=1, flags=re.S))

    def migrate(self, check=True):
        self.write_files()
        return self.tributary("warehouse", "migrate", "--loader-role", "tributary_loader", check=check)

    def voices(self, country):
        return dict(self.rows("SELECT region, count(*) FROM community.voice_feedback GROUP BY region", user=role("voice", country)))

    def counts(self, country):
        return dict(self.rows("SELECT region, sum(records)::int FROM community.count_daily GROUP BY region",
                              user=role("count", country)))

    def speak(self, region, prefix, n=SAID):
        records = [{"id": f"{prefix}-{i}", "kind": "feedback", "occurred_at": "2026-11-20T10:00:00Z", "lang": "en",
                    "title": f"SECRET-{region}", "body": f"SECRET-{region} is slow", "product": "db", "thread": f"{prefix}-{i}",
                    "author": {"id": f"{region}-{prefix}-{i}"}} for i in range(n)]
        status, answer = self.send(region, records)
        assert status == 202 and answer["accepted"] == n, answer


@pytest.fixture(scope="module")
def house(request):
    root = tempfile.mkdtemp(prefix="tributary-flow-")
    os.chmod(root, 0o755)
    d = House(root)
    before = request.session.testsfailed
    try:
        d.start()
        for region in REGIONS:
            d.speak(region, "first")
        d.settle()
        until(lambda: d.rows("SELECT count(*) FROM community.record")[0][0] == SAID * len(REGIONS), 30)
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


# ---- Exactly what the policies allow ---------------------------------------------------------------------------

def test_the_world_is_wide_enough(house):
    """The rules differ: else the tests below would prove little."""
    seen = {country: frozenset(readable(house, country)) for country in COUNTRIES}
    assert seen["DE"] == set(REGIONS) and len(set(seen.values())) >= 7 and seen["CN"] == {"cn-beijing"}
    assert "de-frankfurt" in seen["US"] and "gb-london" not in seen["US"] and "in-mumbai" in seen["KR"]
    assert seen["IS"] == seen["RE"] == seen["DE"] and seen["US-CA"] == seen["US"]


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_reader_sees_exactly_what_the_policies_allow(house, country):
    expected = {region: SAID for region in readable(house, country)}
    assert house.voices(country) == expected
    assert house.counts(country) == expected
    words = {w for w, in house.rows("SELECT body FROM community.voice_feedback", user=role("voice", country))}
    assert words == {f"SECRET-{region} is slow" for region in expected}


def test_check_and_plan_say_the_same(house):
    done = house.tributary("check", "--json", check=False)
    said = {r["role"]: {x["region"]: x for x in r["regions"]} for r in json.loads(done.stdout)["readers"]}
    plan = {(r["place"], r["region"]): r for r in json.loads(house.tributary("region", "plan", "--json").stdout)["rows"]}
    assert len(said) == 2 * len(COUNTRIES)
    for surface, country in house.readers:
        for region in REGIONS:
            one, allowed = said[role(surface, country)][region], may_read(house, region, country)
            assert one["reads"] == allowed, (country, region)
            assert plan[role(surface, country), region]["verdict"] == ("reads" if allowed else "hidden")
            line = open(os.path.join(house.policies, one["file"]), encoding="utf-8").read().split("\n")[one["line"] - 1]
            assert ("to = [" if allowed or "has ended" in one["reason"] else "transfers = (") in line, one
    assert said[role("voice", "US")]["de-frankfurt"]["days_left"] in (0, 1, 2)
    text = house.tributary("check", check=False).stdout
    assert 'what comes from de-frankfurt is hidden from reader "reader_voice_us" in US: eea.cfg:' in text
    assert house.tributary("warehouse", "check").returncode == 0


# ---- When a basis ends -----------------------------------------------------------------------------------------

def test_a_date_in_the_policy_is_a_date_in_the_row(house):
    """Inclusive: to the last moment of that day in the region's time zone."""
    ends = house.rows("""SELECT c.until FROM community.record r JOIN tributary.reading g ON g.id = r.reading,
                         unnest(g.codes, g.until) AS c (code, until) WHERE r.region = 'de-frankfurt' AND c.code = 'US'""")
    last = end_of({"until": TOMORROW}, "Europe/Berlin") - datetime.timedelta(microseconds=1)
    assert {e for e, in ends} == {last} and len(ends) == SAID


def shift(house, region, code, moment):
    """As if that moment were when the basis ends."""
    house.rows("""UPDATE tributary.reading g SET until = (SELECT array_agg(CASE WHEN c = %s THEN %s::timestamptz ELSE u END ORDER BY o)
                  FROM unnest(g.codes, g.until) WITH ORDINALITY AS x (c, u, o))
                  WHERE id IN (SELECT reading FROM community.record WHERE region = %s) RETURNING id""", code, moment, region)


def test_what_was_read_is_hidden_the_moment_its_basis_ends(house):
    """In a transaction that began before, in a prepared statement, in both surfaces; for nobody else."""
    others = {c: house.voices(c) for c in COUNTRIES if not c.startswith("US")}
    before = house.voices("US")
    was = house.rows("SELECT id, until::text FROM tributary.reading")
    c = psycopg2.connect(house.superuser().replace("user=postgres", "user=" + role("voice", "US")))
    c.set_session(isolation_level="REPEATABLE READ")
    q = c.cursor()
    try:
        moment = house.rows("SELECT clock_timestamp() + interval '3 s'")[0][0]
        shift(house, "de-frankfurt", "US", moment)
        q.execute("PREPARE mine AS SELECT count(*) FROM community.voice_feedback WHERE region = 'de-frankfurt'")
        q.execute("EXECUTE mine")
        assert q.fetchone()[0] == SAID and house.voices("US") == before and house.counts("US") == before

        def hidden():
            "hidden within the open transaction"
            q.execute("SELECT (SELECT count(*) FROM community.voice_feedback WHERE region = 'de-frankfurt'), statement_timestamp()")
            n, at = q.fetchone()
            assert n == (SAID if at <= moment else 0), (n, at, moment)
            return n == 0
        until(hidden, 20)
        q.execute("EXECUTE mine")
        assert q.fetchone()[0] == 0
        del before["de-frankfurt"]
        assert house.voices("US") == house.counts("US") == before
        assert "de-frankfurt" not in house.voices("US-CA")
        assert {c: house.voices(c) for c in others} == others
    finally:
        c.close()
        for number, dates in was:
            house.rows("UPDATE tributary.reading SET until = %s::timestamptz[] WHERE id = %s RETURNING id", dates, number)
    assert house.voices("US")["de-frankfurt"] == SAID


def test_a_basis_taken_out_of_the_policy_hides_what_comes_then(house):
    """Rows that are there keep what their policy said; those that come after a change have the new word."""
    house.edit("gb.cfg", '"CH", "JP", "KR"];  allow = ["warehouse", "reading"]', '"CH", "JP", "KR"];  allow = ["warehouse"]')
    with open(os.path.join(house.policies, "gb.cfg"), encoding="utf-8") as f:
        version = int(re.search(r"version = (\d+)", f.read()).group(1))
    house.edit("gb.cfg", f"version = {version}", f"version = {version + 1}")
    os.kill(house.agents["gb-london"].pid(), signal.SIGHUP)
    until(lambda: house.status("gb-london")["policy"]["version"] == version + 1, 20)
    house.speak("gb-london", "later", 5)
    house.settle("gb-london")
    until(lambda: house.count("gb-london") == SAID + 5, 30)
    assert house.voices("GB")["gb-london"] == house.voices("DE")["gb-london"] == SAID + 5
    assert house.voices("JP")["gb-london"] == house.voices("KR")["gb-london"] == SAID
    house.rows("DELETE FROM community.record WHERE region = 'gb-london' AND policy_version = %s RETURNING 1", version + 1)
    house.edit("gb.cfg", '"CH", "JP", "KR"];  allow = ["warehouse"]', '"CH", "JP", "KR"];  allow = ["warehouse", "reading"]')


# ---- A reader who tries ----------------------------------------------------------------------------------------

DENIED = [
    "SELECT * FROM community.record", "SELECT body FROM community.record_cn_beijing", "TABLE tributary.reading",
    "TABLE tributary.reader", "TABLE tributary.crowd", "TABLE tributary.progress", "TABLE tributary.completeness",
    "TABLE tributary.erased", "TABLE tributary.region_status", "COPY community.record TO STDOUT", "TABLE community.count_daily",
    "SELECT * FROM pg_statistic", "SELECT pg_read_file('/etc/hostname')", "TABLE pg_authid",
    "SET ROLE reader_voice_de", "SET ROLE community_views", "SET ROLE community_count", "SET ROLE tributary_owner",
    "SET ROLE tributary_loader", "SET ROLE postgres", "SET SESSION AUTHORIZATION reader_voice_de",
    "GRANT reader_voice_de TO reader_voice_us", "ALTER ROLE reader_voice_us BYPASSRLS", "CREATE ROLE mine",
    "INSERT INTO tributary.reader VALUES ('reader_voice_us', 'voice', 'EEA')", "DELETE FROM community.record",
    "UPDATE tributary.reading SET until = array['infinity']", "ALTER VIEW community.voice_feedback SET (security_barrier = false)",
    "CREATE OR REPLACE VIEW community.voice_feedback AS SELECT 1", "CREATE FUNCTION community.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE public.mine ()", "CREATE POLICY mine ON community.record USING (true)", "ALTER TABLE community.record DISABLE ROW LEVEL SECURITY",
]


@pytest.fixture()
def thief(house):
    """The American reader of voice, who wants what China, Britain and others keep from it."""
    c = house.connect(role("voice", "US"))
    with c.cursor() as q:
        q.execute("SET default_transaction_read_only = off")
        yield c, q
    c.close()


@pytest.mark.parametrize("statement", DENIED)
def test_a_reader_is_denied_all_but_its_views(thief, statement):
    with pytest.raises(psycopg2.Error, match="permission denied|must be owner|must be member|must be superuser|must have"):
        thief[1].execute(statement)


def test_a_leaky_function_meets_no_hidden_row(house, thief):
    """Nor an error that quotes what it could not cast, nor an estimate, nor statistics."""
    c, q = thief
    hidden = [f"SECRET-{region}" for region in REGIONS if region not in readable(house, "US")]
    seen = []

    def run(statement):
        try:
            q.execute(statement)
            seen.append(repr(q.fetchall()) if q.description else "")
        except psycopg2.Error as e:
            seen.append(str(e))
        seen.extend(c.notices)
    assert len(hidden) >= 4
    house.rows("ANALYZE community.record; SELECT 1")
    run("""CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
           $$ BEGIN RAISE NOTICE 'leak %', $1; RETURN true; END $$""")
    run("CREATE OPERATOR pg_temp.<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)")
    for statement in ("SELECT count(*) FROM community.voice_feedback WHERE pg_temp.leak(body)",
                      "SELECT count(*) FROM community.voice_feedback WHERE pg_temp.leak(region || body) AND region = 'cn-beijing'",
                      "SELECT body::int FROM community.voice_feedback", "SELECT 1 FROM community.voice_feedback WHERE title::int = 1",
                      "SELECT * FROM community.voice_feedback v JOIN (VALUES ('gb-london')) x (r) ON x.r = v.region AND pg_temp.leak(v.body)",
                      "SET row_security = off", "SELECT * FROM community.voice_feedback", "RESET row_security",
                      "EXPLAIN (ANALYZE, VERBOSE) SELECT body FROM community.voice_feedback WHERE pg_temp.leak(body)",
                      "SELECT * FROM pg_stats WHERE schemaname IN ('community', 'tributary')",
                      "SELECT query FROM pg_stat_activity", "COPY (SELECT body FROM community.voice_feedback) TO '/tmp/x'",
                      "SELECT query_to_xml('SELECT body FROM community.voice_feedback', true, false, '')"):
        run(statement)
    text = "\n".join(seen)
    assert "leak SECRET-us-virginia" in text and "invalid input syntax for type integer" in text
    assert [w for w in hidden if w in text] == []
    q.execute("SELECT count(*) FROM pg_stats WHERE schemaname IN ('community', 'tributary')")
    assert q.fetchone()[0] == 0


def test_counts_of_few_are_hidden(house):
    """Fewer than five are merged over products, and hidden if they are still fewer; on no surface is there a subject."""
    assert house.rows("SELECT count(*) FROM community.voice_discussion", user=role("voice", "DE")) == [(0,)]
    for product, n in (("few", 2), ("rare", 4), ("alone", 3)):
        region = "sg-singapore" if product == "alone" else "jp-tokyo"
        status, _ = house.send(region, [{"id": f"{product}-{i}", "kind": "discussion", "occurred_at": "2026-11-20T10:00:00Z",
                                         "body": "x", "product": product, "author": {"id": f"{product}-{i}"}} for i in range(n)])
        assert status == 202
    house.settle("jp-tokyo", "sg-singapore")
    until(lambda: house.rows("SELECT count(*) FROM community.record WHERE kind = 'discussion'")[0][0] == 9, 30)
    rows = house.rows("SELECT region, product, records, people FROM community.count_daily WHERE kind = 'discussion'",
                      user=role("count", "DE"))
    assert rows == [("jp-tokyo", "(others)", 6, 6)]
    assert house.rows("SELECT DISTINCT people FROM community.count_daily WHERE region = 'cn-beijing'",
                      user=role("count", "DE")) == [(None,)]
    assert house.rows("SELECT region, count(*) FROM community.voice_discussion GROUP BY 1 ORDER BY 1",
                      user=role("voice", "DE")) == [("jp-tokyo", 6), ("sg-singapore", 3)]
    assert house.rows("SELECT count(*) FROM community.voice_discussion", user=role("voice", "US")) == [(0,)]
    columns = [c for c, in house.rows("SELECT attname FROM pg_attribute WHERE attrelid IN ('community.voice_feedback'::regclass,"
                                      " 'community.count_daily'::regclass) AND attnum > 0")]
    assert not {"subject", "author_id", "author_name", "author_email", "author_handle", "author_ip"} & set(columns)


def test_a_reader_learns_when_its_numbers_are_complete(house):
    def complete():
        "every region's day is complete, by the readers' own view"
        seen = dict(house.rows("SELECT region, bool_and(complete) FROM community.completeness GROUP BY region",
                               user=role("count", "US")))
        return len(seen) == len(REGIONS) and all(seen.values())
    until(complete, 90)


# ---- hub.cfg changes -------------------------------------------------------------------------------------------

def test_readers_leave_move_and_are_refused(house):
    everybody = list(house.readers)
    try:
        house.readers = [r for r in everybody if r != ("voice", "KR")] + [("voice", "NZ")]
        done = house.migrate()
        assert "let reader_voice_kr read no more" in done.stdout and "let reader_voice_nz read voice from NZ" in done.stdout
        with pytest.raises(psycopg2.Error, match="permission denied"):
            house.voices("KR")
        assert set(house.voices("NZ")) == readable(house, "NZ") == {"de-frankfurt", "gb-london"}
        assert house.tributary("warehouse", "check").returncode == 0
        house.rows("ALTER ROLE reader_voice_nz BYPASSRLS; SELECT 1")
        done = house.tributary("warehouse", "check", check=False)
        assert done.returncode == 1 and "reader_voice_nz sees what the law hides: it bypasses row security" in done.stderr
        done = house.migrate(check=False)
        assert done.returncode == 78 and re.search(r'hub.cfg:\d+: role "reader_voice_nz" cannot be a reader', done.stderr)
        assert "hint: " in done.stderr
    finally:
        house.rows("ALTER ROLE reader_voice_nz NOBYPASSRLS; SELECT 1")
        house.readers = everybody
        house.migrate()
    assert set(house.voices("KR")) == readable(house, "KR")
