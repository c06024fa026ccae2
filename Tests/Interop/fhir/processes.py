"""A country in which every node is a process of its own, set up by the commands that its bodies would type.

A bundle goes from hospital A to hospital B; then nodes are killed, started again, suspended and accredited again, and B
still reads what A was sent. Usage: processes.py
"""

import pathlib
import signal
import socket
import subprocess
import tempfile
import time

import requests

import clients
import compare
import country as world

NODES = [
    ("witness", "witness1"), ("witness", "witness2"), ("witness", "witness3"), ("ledger", "ledger"),
    ("authority", "authority"), ("transcryptor", "t1"), ("transcryptor", "t2"), ("transcryptor", "t3"),
    ("number-centre", "number-centre"), ("medical-centre", "medical-centre"), ("hospital", "hospital-a"),
    ("hospital", "hospital-b"), ("portal", "portal"),
]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Processes(world.Country):
    """Set up node by node; each runs by `warifu serve`."""

    def __init__(self, warifu):
        self.warifu, self.running, self.logs = warifu, {}, []
        self.folder = tempfile.TemporaryDirectory(prefix="warifu-processes-")
        self.home = pathlib.Path(self.folder.name)
        self.names = [b"Mihonyama", b"Dokokamachi"]
        self.ports = {name: (free_port(), free_port()) for _, name in NODES}
        try:
            self.found()
        except BaseException:
            self.close()
            raise

    def run(self, *words, ok=0):
        done = subprocess.run([self.warifu, *map(str, words)], capture_output=True, text=True, timeout=300)
        assert done.returncode == ok, f"{' '.join(map(str, words))}: exit {done.returncode}: {done.stderr}"
        return done.stdout

    def card(self, name):
        return self.home / "nodes" / name / "card.json"

    @property
    def officers(self):
        return ["--country", self.home / "country", "--officer", self.home / "officers/1.key",
                "--officer", self.home / "officers/2.key"]

    def found(self):
        self.run("init", "country", "--home", self.home)
        for kind, name in NODES:
            first, second = self.ports[name]
            more = ["--second-port", second] if kind in ("ledger", "hospital") else []
            self.run("init", kind, "--home", self.home, "--id", name, "--listen", f"127.0.0.1:{first}", *more)
        ceremony = self.home / "ceremony"
        cards = [word for name in ("t1", "t2", "t3") for word in ("--card", self.card(name))]
        self.run("ceremony", "prepare", "--folder", ceremony, *cards)
        parts = [subprocess.Popen([self.warifu, "ceremony", "run", "--home", self.home, "--id", name, "--folder", ceremony],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for name in ("t1", "t2", "t3")]
        assert [part.wait(timeout=300) for part in parts] == [0, 0, 0]
        everybody = [word for _, name in NODES for word in ("--card", self.card(name))]
        self.run("country", "pin", "--home", self.home, "--ceremony", ceremony, *everybody)
        for name in ("witness1", "witness2", "witness3", "ledger", "authority"):
            self.start(name)
        self.run("directory", "publish", *self.officers, "--policy", 1, "--ceremony", ceremony)
        for kind, name in NODES:
            if kind not in ("witness", "ledger"):
                self.run("directory", "accredit", *self.officers, "--card", self.card(name))
        for name in ("hospital-a", "hospital-b"):
            self.run("directory", "accredit", *self.officers,
                     "--staff", self.home / "nodes" / name / "staff/physician.key")
        for name in ("t1", "t2", "t3", "number-centre", "medical-centre", "hospital-a", "hospital-b", "portal"):
            self.start(name)
        for _, name in NODES:
            self.wait(name)
        self.ready = {"country": str(self.home / "country"), "ca_file": str(self.home / "country/ca.pem"),
                      "hospitals": {name: self.hospital(name) for name in ("hospital-a", "hospital-b")},
                      "residents": [{"id": "r0", "phone": str(self.home / "phones/r0")}],
                      "ledger": {"url": f"http://127.0.0.1:{self.ports['ledger'][1]}/"},
                      "nodes": {name: self.base(name) for _, name in NODES}}

    def hospital(self, name):
        base = f"https://localhost:{self.ports[name][1]}"
        return {"fhir": base + "/fhir", "desk": base + "/desk",
                "token": (self.home / "nodes" / name / "system.token").read_text()}

    def base(self, name):
        scheme = "http" if name.startswith("witness") else "https"
        return f"{scheme}://localhost:{self.ports[name][0]}"

    def start(self, name):
        log = open(self.home / f"{name}.log", "ab")
        self.logs.append(log)
        self.running[name] = subprocess.Popen(
            [self.warifu, "serve", name, "--home", str(self.home)], stdout=log, stderr=log)
        self.wait(name, "started")

    def wait(self, name, what="ready"):
        session = requests.Session()
        session.trust_env = False
        # The ledger's calls take certificates only; its public side answers anybody.
        base = f"http://localhost:{self.ports[name][1]}" if name == "ledger" else self.base(name)
        for _ in range(3000):
            try:
                if session.get(f"{base}/healthz/{what}", verify=str(self.home / "country/ca.pem"), timeout=60).ok:
                    return
            except requests.ConnectionError:
                pass
            if self.running[name].poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError(f"{name} is not {what}: {self.logged(name)}")

    def logged(self, name=None):
        names = [name] if name else list(self.running)
        return "".join(f"== {one}\n{(self.home / f'{one}.log').read_text(errors='replace')[-1500:]}" for one in names)

    def kill(self, name):
        self.running[name].kill()
        self.running[name].wait()

    def stop(self):
        """SIGTERM, those that ask first."""
        codes = {}
        for _, name in reversed(NODES):
            if name in self.running:
                self.running[name].send_signal(signal.SIGTERM)
                codes[name] = self.running[name].wait(timeout=120)
        self.running = {}
        return codes

    def close(self):
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        for log in self.logs:
            log.close()
        self.folder.cleanup()


def until(work, seconds=120):
    """Nodes look for a new Directory every few seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return work()
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


def main():
    warifu, data = world.environment()
    samples = list(clients.bundles(data / "health" / "fhir_r4_synthea", 1)) if data.is_dir() else []
    if not samples:
        print("skipped: no sample bundles beside the project")
        return
    country = Processes(warifu)
    try:
        identity = "Mihonyama Hanako, 1961-04-17, Dokokamachi"
        officials = [word for number in (1, 2) for word in ("--official", str(country.home / f"officials/{number}.key"))]
        number = country.citizen(0, "enrol", "--identity", identity, *officials)["number"]
        print(f"ok   {len(NODES)} processes; a person is enrolled with two officials")
        a, b = world.Hospital(country, "hospital-a"), world.Hospital(country, "hospital-b")
        name, raw = samples[0]
        sent = clients.one(a, b, 0, name, raw)
        exact = clients.exact(raw)
        for victim in ("t2", "medical-centre", "hospital-b", "ledger", "authority"):
            country.kill(victim)
            country.start(victim)
        here = until(lambda: b.open(0).json()["patient"])
        compare.same(exact, b.everything(here), "after kill -9")
        print("ok   five nodes killed and started again: B reads what A was sent")
        country.run("directory", "suspend", *country.officers, "--party", "hospital-b")
        until(lambda: b.open(0, ok=(403, 503)))
        country.run("directory", "accredit", *country.officers, "--card", country.card("hospital-b"),
                    "--node-home", country.home)
        here = until(lambda: b.open(0).json()["patient"])
        compare.same(exact, b.everything(here), "accredited again")
        print("ok   a suspended hospital reads nothing; accredited again, it reads")
        history = country.citizen(0, "history")
        assert not history["doubts"], history
        print(f"ok   history: {len(history['uses'])} uses with their proofs")
        country.metrics()
        codes = country.stop()
        assert set(codes.values()) == {0}, codes
        compare.search(country.home, compare.canaries(sent) + country.names + [number.encode()])
        print("processes: every node by itself, and the person's records arrived")
    except BaseException:
        print(country.logged())
        raise
    finally:
        country.close()


if __name__ == "__main__":
    main()
