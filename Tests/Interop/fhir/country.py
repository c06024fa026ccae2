"""A country that runs (`warifu up`), a person's phone (`warifu citizen`), and a hospital's desk, for outside programs."""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import requests

import compare


class Country:
    """`warifu up` in a folder of its own, with made-up residents."""

    def __init__(self, warifu, residents):
        self.warifu = warifu
        self.folder = tempfile.TemporaryDirectory(prefix="warifu-interop-")
        self.home = pathlib.Path(self.folder.name)
        names = self.home / "residents.csv"
        lines = ["id,name,birth_date,address"]
        lines += [f"r{i},Mihonyama {i},1970-01-{1 + i % 28:02},Dokokamachi {i}" for i in range(residents)]
        self.names = [b"Mihonyama", b"Dokokamachi"]
        names.write_text("\n".join(lines) + "\n")
        self.log = open(self.home / "log", "wb")
        ready = self.home / "ready.json"
        self.process = subprocess.Popen(
            [warifu, "up", "--home", str(self.home / "country"), "--residents", str(names), "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL, stderr=self.log)
        for _ in range(6000):
            if ready.exists():
                break
            if self.process.poll() is not None:
                raise SystemExit(f"warifu up ended with {self.process.returncode}: {self.logged()}")
            time.sleep(0.05)
        else:
            raise SystemExit("warifu up is not ready after 300 s")
        self.ready = json.loads(ready.read_text())
        if len(self.ready["residents"]) != residents:
            raise SystemExit(f"not everybody is enrolled: {self.ready['not_enrolled']}")

    def logged(self):
        return (self.home / "log").read_text(errors="replace")

    def metrics(self):
        """Keeps the counters of every node beside its log, to be searched."""
        session = requests.Session()
        session.trust_env = False
        # The ledger's calls take certificates only; its public side answers anybody.
        public = {"ledger": self.ready["ledger"]["url"].rstrip("/")}
        for name, url in {**self.ready["nodes"], **public}.items():
            answer = session.get(url + "/metrics", verify=self.ready["ca_file"], timeout=60)
            assert answer.status_code == 200 and "# TYPE" in answer.text, name
            assert session.get(url + "/healthz/ready", verify=self.ready["ca_file"], timeout=60).json()["ok"], name
            (self.home / f"{name}.metrics").write_text(answer.text)

    def phone(self, resident):
        return self.ready["residents"][resident]["phone"]

    def citizen(self, resident, *words, ok=(0,)):
        done = subprocess.run(
            [self.warifu, "citizen", *words, "--phone", self.phone(resident), "--country", self.ready["country"], "--json"],
            capture_output=True, text=True, timeout=300)
        if done.returncode not in ok:
            raise AssertionError(f"citizen {' '.join(words)}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def stop(self):
        """SIGTERM; it ends by itself and loses nothing."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=120)
        self.log.close()
        return code

    def close(self):
        if self.process.poll() is None:
            with contextlib.suppress(Exception):
                self.stop()
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        self.folder.cleanup()


class Hospital:
    """A hospital's own system: FHIR and the desk of its gateway, with a bearer token."""

    def __init__(self, country, name):
        self.country, self.name = country, name
        about = country.ready["hospitals"][name]
        self.fhir, self.desk, self.token = about["fhir"], about["desk"], about["token"]
        self.http = requests.Session()
        self.http.trust_env = False  # certificates of this country, whatever the machine believes
        self.http.verify = country.ready["ca_file"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"

    def post(self, path, body, ok=(200, 201)):
        answer = self.http.post(self.desk + path, json=body, timeout=300)
        if answer.status_code not in ok:
            raise AssertionError(f"{self.name} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def visit(self, resident, purpose="treatment"):
        """The person is here: the terminal shows a text, the phone answers it."""
        visit = self.post("/visits", {"purpose": purpose}).json()["visit"]
        self.country.citizen(resident, "present", "--desk", self.desk, "--visit", visit, "--yes")
        return visit

    def identify(self, resident, patient):
        return self.post(f"/visits/{self.visit(resident)}/identify", {"patient": patient}).json()["patient"]

    def open(self, resident, ok=(200,)):
        return self.post(f"/visits/{self.visit(resident)}/open", {}, ok=ok)

    def everything(self, patient):
        """All pages, numbers as they are written."""
        url, read = f"{self.fhir}/Patient/{patient}/$everything", []
        while url:
            answer = self.http.get(url, timeout=300)
            assert answer.status_code == 200, answer.text[:300]
            page = json.loads(answer.text, parse_float=compare.number)
            read += [entry["resource"] for entry in page["entry"]]
            url = next((link["url"] for link in page.get("link", []) if link["relation"] == "next"), None)
        return read

    def deposit(self, patient):
        return self.post(f"/patients/{patient}/deposit", {}).json()


def environment():
    """Where the program under test is, and real input if it is there."""
    root = pathlib.Path(__file__).resolve().parents[3]
    data = pathlib.Path(os.environ.get("WARIFU_DATA", root.parent / "shared" / "data"))
    return os.environ.get("WARIFU", str(root / ".build" / "debug" / "warifu")), data
