"""Two hospitals, driven by FHIR clients that share no code with them: fhirclient and fhirpy.

A bundle is sent to hospital A as its own system would send it; its patient is presented there, and A deposits. The person
consents to hospital B, is presented there, and B's system reads everything. What B reads equals what A was sent, but for
ids. Usage: clients.py COUNT (bundles; 0: all)
"""

import gzip
import json
import sys
import time

import requests
from fhirclient import client as fhirclient
from fhirclient.models import bundle as fhirbundle
from fhirclient.models import observation, patient
from fhirpy import SyncFHIRClient

import compare
import country as world


def bundles(folder, count):
    files = sorted(folder.glob("*.json.gz"))
    for file in files[:count] if count else files:
        with gzip.open(file, "rb") as content:
            yield file.name, content.read()


def exact(raw):
    """A bundle with its numbers as they are written."""
    return json.loads(raw, parse_float=compare.number)


def fhirpy_client(hospital):
    return SyncFHIRClient(
        hospital.fhir, authorization=f"Bearer {hospital.token}",
        requests_config={"verify": hospital.country.ready["ca_file"], "timeout": 300})


def smart_client(hospital):
    smart = fhirclient.FHIRClient(settings={"app_id": "interop", "api_base": hospital.fhir})
    smart.server.session.trust_env = False
    smart.server.session.verify = hospital.country.ready["ca_file"]
    smart.server.session.headers["Authorization"] = f"Bearer {hospital.token}"
    return smart


def refused(hospital, resident, why):
    answer = hospital.open(resident, ok=(403,))
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome", why
    print(f"ok   {why}: 403")
    return answer


def one(a, b, resident, name, raw):
    started = time.monotonic()
    # Numbers as they are written: 1.10 is not 1.1.
    bundle, exact_bundle = json.loads(raw), exact(raw)
    sent = [entry["resource"] for entry in bundle["entry"]]
    response = fhirpy_client(a).execute("", method="POST", data=bundle)
    for resource, entry in zip(sent, response["entry"], strict=True):
        # Organisations and practitioners come in many bundles, and are kept once.
        shared = resource["resourceType"] in ("Organization", "Practitioner")
        assert entry["response"]["status"][:3] in (("200", "201") if shared else ("201",)), name
    again = fhirpy_client(a).execute("", method="POST", data=bundle)
    assert [entry["response"]["status"][:3] for entry in again["entry"]] == ["200"] * len(sent), name
    known = next(
        entry["response"]["location"].split("/")[-3] for entry in response["entry"]
        if "/Patient/" in "/" + entry["response"]["location"])
    a.country.citizen(resident, "consent", "give", "--to", "hospital-a", "--days", "29", "--yes")
    assert a.identify(resident, known) == known
    a.deposit(known)
    refused(b, resident, f"{name}: no consent")
    a.country.citizen(resident, "consent", "give", "--to", "hospital-b", "--days", "29", "--yes")
    opened = b.open(resident).json()
    here = opened["patient"]
    assert here != known
    everything = fhirpy_client(b).reference("Patient", here).execute("$everything", "GET")
    fhirbundle.Bundle(dict(everything))  # strict
    compare.same(exact_bundle, b.everything(here), name)
    smart = smart_client(b)
    found = patient.Patient.read(here, smart.server)
    assert found.id == here
    listed = list(observation.Observation.where({"patient": here}).perform_resources_iter(smart.server))
    assert len(listed) == sum(1 for resource in sent if resource["resourceType"] == "Observation"), name
    mrn = next(i for i in found.identifier if i.system == "http://hospital.smarthealthit.org")
    by_number = patient.Patient.where({"identifier": f"{mrn.system}|{mrn.value}"}).perform_resources(smart.server)
    assert [one.id for one in by_number] == [here], name
    print(f"ok   {name}: {len(sent)} resources, {opened['records']} records, {time.monotonic() - started:.1f} s")
    return sent


def withdrawn(country, b, resident):
    """Consent that was withdrawn, and a purpose that nobody agreed to."""
    before = [give["id"] for give in country.citizen(resident, "consent", "list")["consents"]]
    for give in before:
        country.citizen(resident, "consent", "withdraw", "--consent", give)
    gone = refused(b, resident, "consent withdrawn")
    unknown = b.http.get(b.fhir + "/Patient/nobody-is-called-this", timeout=60)
    assert unknown.status_code == 403
    assert gone.headers["content-type"] == unknown.headers["content-type"]
    print("ok   what does not exist is refused alike")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    warifu, data = world.environment()
    folder = data / "health" / "fhir_r4_synthea"
    if not folder.is_dir():
        print("skipped: no sample bundles beside the project")
        return
    all_bundles = list(bundles(folder, count))
    country = world.Country(warifu, len(all_bundles))
    try:
        a, b = world.Hospital(country, "hospital-a"), world.Hospital(country, "hospital-b")
        stranger = requests.Session()
        stranger.trust_env = False
        nobody = stranger.get(a.fhir + "/Patient", verify=country.ready["ca_file"], timeout=60)
        assert nobody.status_code == 401, nobody.status_code
        assert fhirpy_client(b).execute("metadata", method="GET")["fhirVersion"] == "4.0.1"
        canaries = []
        for resident, (name, raw) in enumerate(all_bundles):
            canaries += compare.canaries(one(a, b, resident, name, raw))
        withdrawn(country, b, 0)
        history = country.citizen(0, "history", "--portal", country.ready["portal"])
        assert len(history["uses"]) >= 4 and not history["doubts"], history
        print(f"ok   history: {len(history['uses'])} uses, every one with its proof")
        country.metrics()
        assert country.stop() == 0
        compare.search(country.home, canaries + country.names)
        print(f"outside clients: {len(all_bundles)} bundles, all of them read as they were sent")
    except BaseException:
        print(country.logged()[-4000:], file=sys.stderr)
        raise
    finally:
        country.close()


if __name__ == "__main__":
    main()
