"""Reads ../vectors.json only: replays every negative, remakes every byte from the randomness in the file (`same(..)` counts them), re-verifies
chains, Shares, proofs and scenarios, then flips every bit of sample proofs.
The labels and the codes (14) of docs/PROTOCOL.md are compared with the vectors."""
import json, os, re
import warifu_ref as w
from warifu_ref import *
V = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vectors.json')))
def un(o):
    if isinstance(o, str): return bytes.fromhex(o)
    if isinstance(o, list): return [un(x) for x in o]
    if isinstance(o, dict): return {int(k) if k.isdigit() else k: un(v) for k, v in o.items()}
    return o
def named(o): return {k.encode(): un(v) for k, v in o.items()}
Yp, Yk = un(V['dkg_psn']['Y']), un(V['dkg_kem']['Y']); Zs = {k.encode(): un(p['Z']) for k, p in V['parties'].items()}; zs = {k.encode(): le(un(p['z'])) for k, p in V['parties'].items()}
pairs = lambda xs: [tuple(x) for x in xs]
def presentation(i, box, xid, party, purpose, time, now, PP, basis, roots, counter, used, handle, PP_row, keys):
    rows = {handle: {'PP': tuple(PP_row), 'keys': keys, 'counter': counter, 'used': set(used)}}
    return presentation_accept(i, zs[b't%d' % i], Yp, rows, xid, party, purpose, time, now, tuple(PP), box, basis, roots, (Yp, Yk), *RP)
DPK = un(V['presentation']['device_pk']); RP = (un(V['presentation_webauthn']['rp']), un(V['presentation_webauthn']['origin']))
def play(events): consent_play(un(V['consent']['row']), [EV[k] for k in events])
def dadd(row, **a): return device_add(row={**row, 'adders': {bytes.fromhex(k): tuple(p) for k, p in row['adders'].items()}}, **a)
EV = [[x[0], *[un(y) for y in x[1:]]] for x in V['consent_events']]
ops = {'decode_point': point, 'decode_scalar': scalar, 'subshare_verify': lambda A, j, f_j: subshare_verify(A, j, le(f_j)), 'unseal': lambda z, info, box, forbidden=(): unseal(le(z), info, box, forbidden),
       'share_open': lambda z, **a: share_open(le(z), **a), 'card_unseal': lambda q, xid, party, box: card_unseal(int.from_bytes(q, 'big'), xid, party, box), 'presentation': presentation,
       'number_valid': number_valid, 'combine': lambda C, U, D, z, Y: combine(C, U, D, le(z), Y), 'consent_play': lambda events: play(events), 'same_verify': lambda Y, a, b, ctx, proof: same_verify(Y, tuple(a), tuple(b), ctx, proof),
       'reshuffle_verify': lambda ins, outs, **a: reshuffle_verify(ins=pairs(ins), outs=pairs(outs), **a), 'chain_verify': lambda ins, **a: chain_verify(ins=pairs(ins), **a), 'held_open': lambda ct, **a: held_open(ct=tuple(ct), **a),
       'deposit_verify': lambda ct, **a: deposit_verify(ct=tuple(ct), **a), 'intents_verify': lambda keys, **a: intents_verify(keys=keys, **a), 'device_add': dadd}
bad = 0
for n in V['negatives']:
    a = n['args'] if n['op'] in ('number_valid', 'consent_play') else {k: named(v) if n['op'] in ('intents_verify', 'key_countersigned') and k == 'keys' else un(v) for k, v in n['args'].items()}
    try: ops.get(n['op'], getattr(w, n['op'], None))(**a); bad += 1; print('ACCEPTED', n['id'], n['reason'])
    except Reject as e:
        if str(e) != n['error']: bad += 1; print('CODE', n['id'], n['reason'], e, n['error'])
print(len(V['negatives']), 'negatives replayed from JSON,', bad, 'wrong'); assert not bad
for s in V['consent_scenarios']: play(s['events'])
print(len(V['consent_scenarios']), 'consent scenarios end in: active')
n_same = 0
def same(what, got, want):
    global n_same
    want = un(want) if not isinstance(want, bytes) else want; assert got == want, what; n_same += 1
# every byte again, from the randomness in the file
pt2 = lambda b: (b[:32], b[32:]); K = {un(k['pk']): Ed25519PrivateKey.from_private_bytes(un(k['seed'])) for k in V['signing_keys']}
for x in V['signatures']: same(x['what'], K[un(x['pk'])].sign(un(x['message'])), x['signature']); ed_verify(un(x['pk']), un(x['signature']), un(x['message']))
for x in V['knowledge']: same(x['what'], know_prove(le(un(x['k'])), un(x['P']), un(x['bind']), un(x['rand'])), x['proof'])
for x in V['same_person']: same(x['what'], same_prove(le(un(x['k'])), un(x['Y']), un(x['context']), un(x['rand'])), x['proof']); same_verify(un(x['Y']), tuple(un(x['from'])), tuple(un(x['to'])), un(x['context']), un(x['proof']))
for x in V['seals']: a = [un(x[k]) for k in ('Z', 'info', 'k', 'rand', 'plain')]; same(x['what'], sc(seal_e(a[0], a[1], le(a[2]), a[3], a[4])), x['e']); same(x['what'], seal(a[0], a[1], a[4], le(a[2]), a[3]), x['box'])
for x in V['blindings']: d = blinding(le(un(x['k'])), un(x['rand']), un(x['Y']), pt2(un(x['pair'])), un(x['use'])); same(x['what'], sc(d), x['d']); same(x['what'], flat([blind(pt2(un(x['pair'])), d, un(x['Y']))]), x['blinded'])
for x in V['held_tokens']: same('token', held(x['key_id'], un(x['hk']), un(x['row_id']), un(x['holder']), x['psn_epoch'], x['y_generation'], pt2(un(x['pair'])), un(x['rand'])), x['token'])
h = V['hashing']; f = un(h['fields']); same('pack', pack(b'test', *f), h['pack']); same('digest', digest(b'test', *f), h['digest']); same('to_scalar', sc(to_scalar(b'test', *f)), h['to_scalar']); same('to_point', to_point(b'test', *f), h['to_point']); same('mac', mac(un(h['mac']['key']), b'test', *un(h['mac']['fields'])), h['mac']['mac'])
PROOF = {x['what']: x for x in V['knowledge']}
for nm in ('dkg_psn', 'dkg_kem', 'dkg_2_of_2_psn'):
    d = V[nm]; cer, c = un(d['ceremony']), d['class']; co = [[le(un(a)) for a in x['coefficients']] for x in d['dealings']]; Y, X = public_keys([un(x['commitments']) for x in d['dealings']], d['n']); same(nm, Y, d['Y']); same(nm, X, d['X'])
    same(nm, [sc(sum(poly(a, j) for a in co)) for j in range(1, d['n'] + 1)], d['shares'])
    for x, a in zip(d['dealings'], co): A = un(x['commitments']); same(nm, commit(a), A and x['commitments']); same(nm, [sc(poly(a, j)) for j in range(1, d['n'] + 1)], x['subshares']); opening_check(un(x['opening']), cer, c, x['index'], A, un(x['pop'])); dealing_verify(A, d['t'], ceremony=cer, cls=c, index=x['index'], pop=un(x['pop'])); assert any(p['proof'] == x['pop'] for p in V['knowledge'])
r = V['reshare_2_of_3']; co = [[le(un(a)) for a in x] for x in r['coefficients']]; same('reshare', [commit(a) for a in co], r['commitments']); same('reshare', [sc(sum(poly(a, j) for a in co)) for j in (1, 2, 3)], r['shares']); Yr, Xr = public_keys(un(r['commitments']), 3); same('reshare', Yr, r['Y_unchanged']); same('reshare', Xr, r['X'])
c = V['complaint']; kp = unpack(b'dkg-key', un(c['key_statement_of_2']), 5); same('ceremony key', gmul(le(un(c['w_for_dealer_1']))), unlist(kp[4])[0]); same('opening of 2', kp[3], V['dkg_psn']['dealings'][1]['opening'])
for x in c['cases']: assert complaint_judge(**{k: un(v) if not isinstance(v, int) else v for k, v in x['args'].items()}) == x['at_fault'], x['what']
for sid, x in V['factors'].items():
    if x['halves']: same(sid, step_key(*un(x['halves'])), x['secret']); [half_check(un(o), un(V['dkg_psn']['ceremony']), sid.encode(), i, un(hf)) for o, i, hf in zip(x['openings'], x['holders'], x['halves'])]
    for p in x['s']: same(sid, sc(factor(un(x['secret']), p.encode(), 1)), x['s'][p]); same(sid, gmul(le(un(x['s'][p]))), x['S'][p])
for nm, Y in (('enrolment', Yp), ('enrolment_2_of_2', un(V['dkg_2_of_2_psn']['Y']))):
    tot = (ID, ID)
    for x in V[nm]['contributions']: R = to_point(b'base', un(x['k']), un(x['rand_R']), un(V[nm]['enrol_id'])); r = ephemeral(le(un(x['k'])), un(x['rand_r']), 7, Y, R); same(nm, R, x['R']); same(nm, list(encrypt(R, Y, r)), [x['B'], x['C']]); tot = (add(tot[0], un(x['B'])), add(tot[1], un(x['C'])))
    same(nm, flat([tot]), V[nm]['PP'])
sec_of = lambda V_, i: le(un(V_['shares'][i - 1]))
for nm, s_ in V.items():
    if not (isinstance(s_, dict) and 'steps' in s_ and 'pseudonyms' in s_): continue
    d = V['dkg_2_of_2_psn'] if nm.startswith('development') else V['dkg_psn']; Y = un(d['Y']); src, dst, rd, per = (un(s_[k]) for k in ('src', 'dst', 'request_digest', 'permits')); p = party_of(dst); ins = [tuple(x) for x in un(s_['in'])]; S_ = lambda sid, dom: G if dom == BASE else un(V['factors'][sid]['S'][party_of(dom).decode()])
    for k, st in enumerate(s_['steps'], 1):
        sid = un(st['step']).decode(); stmt = step_stmt(rd, k, sid.encode(), src, dst); same(nm, stmt, st['statement']); o, pf, mid = reshuffle(le(un(st['t'])), Y, S_(sid, src), S_(sid, dst), ins, stmt, un(st['rand'])); same(nm, [list(x) for x in o], st['out']); same(nm, pf, st['proof']); assert hx(mid) == {k_: st[k_] for k_ in mid}; same(nm, step_pack(k, st['holder'], o, pf), un(st['wire'])[:-64]); ins = o
    Bs = [b_ for (b_, _), v_ in zip(ins, per) if v_]
    for i, sh in s_['shares'].items(): i = int(i); U, pf = share(sec_of(d, i), un(d['X'][i - 1]), i, PSN, 1, Bs, rd, p, Zs[p], un(s_['origin']), per, un(sh['rand'])); same(nm, [*U, pf], [*sh['U'], sh['proof']]); same(nm, unseal(zs[p], share_info(rd, PSN, i, p), un(sh['box']))[:-64], share_body(PSN, 1, i, U, pf, un(sh['tokens']), un(sh['tickets'])))
TPK = {int(k): un(v) for k, v in [n for n in V['negatives'] if n['op'] == 'chain_verify'][0]['args']['keys'].items()}; TK = {b't%d' % i: k for i, k in TPK.items()}
for nm in ('fetch', 'fetch_one_record_refused', 'deposit_one_record_refused'):
    ft = V[nm]; rq = un(ft['request']); f = unpack(b'request', rq, 15); lines, parts = unlist(f[13]), unlist(f[9]); joint = intents_verify(sha512(rq), parts, [tuple(un(x)) for x in ft['intents']], TK, len(unlist(f[11])), items_of(lines)); same(nm, joint[1], ft['record_verdicts'])
    if nm.startswith('deposit'): assert all(len(s_['tickets']) == len(permitted(joint, lines, 1)) == 1 for s_ in ft['shares'].values()) and un(ft['request_digest']) == sha512(rq); continue
    ks = permitted(joint, lines, 2); same(nm, kem_origin([lines[k][5:] for k in ks]), ft['origin']); ids = [int(p[1:]) for p in parts]; assert [lines[k][5:] for k in range(len(lines))] == un(ft['records']) and sorted(ft['shares']) == [str(i) for i in ids]
    for i in ids: sh = ft['shares'][str(i)]; U, pf = share(sec_of(V['dkg_kem'], i), un(V['dkg_kem']['X'][i - 1]), i, KEM, 1, un(ft['B']), sha512(rq), b'hospital-a', Zs[b'hospital-a'], un(ft['origin']), joint[1], un(sh['rand'])); same(nm, [*U, pf], [*sh['U'], sh['proof']]); assert share_open(zs[b'hospital-a'], TPK[i], un(V['dkg_kem']['X'][i - 1]), i, KEM, 1, un(ft['B']), sha512(rq), b'hospital-a', un(ft['origin']), joint[1], un(sh['box']))[0] == U
    for j, k in enumerate(ft['K']): same(nm, combine(un(ft['C'][j]), {int(i): un(s_['U'][j]) for i, s_ in ft['shares'].items()}, ids, zs[b'hospital-a'], Yk), k)
x = V['combine_2_of_3']; U = {i + 1: u for i, u in enumerate(un(x['U']))}; [same('combine', combine(un(x['C']), {i: U[i] for i in D}, D, zs[b'clinic-b'], Yk), x['K']) for D in ((1, 2), (1, 3), (2, 3))]; same('combine', list(encrypt(un(x['K']), Yk, le(un(x['r'])))), [x['B'], x['C']])
for x in V['envelopes']:
    k = le(un(x['k'])); Kx = record_key(k, un(x['rand_K']), un(x['record_id'])); r = ephemeral(k, un(x['rand_r']), 7, Yk, Kx); same('envelope', Kx, x['K']); same('envelope', sc(r), x['r_kem']); H_ = un(x['header']); same('envelope', flat([encrypt(Kx, Yk, r)]), H_[-64:]); hh = header_hash(H_); same('envelope', hh, x['header_hash']); kc, ct = dem_seal(Kx, hh, un(x['plaintext'])); same('envelope', ct, x['ciphertext']); same('envelope', envelope(H_, know_prove(r, H_[-64:-32], pair_bind(hh, H_[-32:]), un(x['pok_rand'])), kc, un(x['signature']), ct), x['envelope'])
x = V['envelope_chunks']; kc, ct = dem_seal(un(x['K']), un(x['header_hash']), un(x['block']) * 2049); same('chunks', kc, x['kc']); same('chunks', sha512(ct), x['ciphertext_sha512'])
x = V['card']; same('card', es256_sign(int(x['card_key'], 16), un(x['signed']), int(x['nonce'], 16)), x['signature']); same('card', card_seal(un(x['service_pk']), un(V['presentation']['exchange_id']), b'hospital-a', un(x['card_id']), x['counter'], un(x['signature']), int(x['ephemeral'], 16)), x['box'])
x = V['presentation_es256']; same('es256', es256_sign(int(x['key'], 16), un(V['presentation']['signed']), int(x['nonce'], 16)), x['signature']); x = V['presentation_webauthn']; webauthn_verify(0, un(x['stored_key'])[1:], un(x['sig']), un(V['presentation']['signed']), *RP); webauthn_verify(1, un(x['es256_stored_key'])[1:], un(x['es256_sig']), un(V['presentation']['signed']), *RP)
c = V['consent']; R_ = un(c['row'])
for what, kind, wkey in (('stop', GIVE, un(c['w_consent_1'])), ('device_stop', DEVICE, R_['devices'][0][2]), ('row_stop', ROW, R_['w_row']), ('deny_all', ALL, R_['w_row'])):
    f = unpack(b'withdrawal', un(c[what]), 3); assert f[0] == bytes([kind]); same(what, withdrawal(kind, f[1], int.from_bytes(f[2], 'big')), c[what])
    for i in (1, 2, 3): same('stop tag', stop_tag(wkey, kind, f[1], i), c[what + '_tags'][i - 1])
x = V['added_device']; assert dadd(un(x['row']), Y=Yp, i=1, entry=un(x['device']), sigs=un(x['signatures']), now=1893456000) is False and dadd(un(x['row']), Y=Yp, i=1, entry=un(x['device_of_a_delegate']), sigs=un(x['signatures_of_a_delegate']), now=1893456000) is True; same('added device', un(x['PP_i']), unpack(b'device', un(x['device']), 14)[5])
for k in ('give', 'stop'): x = V['consent'][k + '_leaf_t1']; same('row opening', opening(un(x['hk']), un(x['rand']), un(x['signed'])), x['opening']); same('row leaf', leaf(1, commitment(un(x['opening']), un(x['signed'])), un(x['tag']), un(x['detail'])), x['leaf']); assert unlist(unpad(unseal(le(un(next(y['k'] for y in V['blindings']))), detail_info(sha512(un(x['signed'])), 1, 0), un(x['detail'])))) == [un(x['opening']), un(x['signed']), un(V['consent']['give']) if k == 'give' else b'']
x = V['request']; sg = un(x['signatures']); ed_verify(un(x['gateway_pk']), sg[0], un(x['identify_and_find'])); webauthn_verify(0, un(x['person_pk'])[1:], sg[1], un(x['identify_and_find']), un(x['person_rp']), un(x['person_origin'])); assert hashlib.sha256(un(V['encodings']['credential']['pack'])).digest() == unpack(b'request', un(x['identify_and_find']), 15)[2]
x = V['public_leaf']; same('public leaf', public_leaf(un(x['record'])), x['leaf'])
x = V['registry_row']; same('registry', mac(un(x['key']), b'registry', un(x['oprf_output']))[:32], x['row'])
for k, b_ in V['bodies'].items():
    if k.startswith('decide'): decide_parse(un(b_)); n_same += 1
x = decide_parse(un(V['bodies']['decide deposit at t1'])); same('body', decide_body(x[0], x[1], x[2], [lst(*r_) for r_ in x[3]], x[4]), V['bodies']['decide deposit at t1']); k = 'release at t2, last step of the second target still to be made'; x = release_parse(un(V['bodies'][k])); same('body', release_body(*x), V['bodies'][k]); same('refusal', refusal(b'reshuffle', 2), V['bodies']['refusal with index'])
print(n_same, 'values made again from the randomness in the file, all equal')
F = V['factors']; tpk = TPK; D2 = V['dkg_2_of_2_psn']
for name, s in V.items():
    if not (isinstance(s, dict) and 'steps' in s and 'pseudonyms' in s): continue
    dev = name.startswith('development'); d = D2 if dev else V['dkg_psn']; Y, X = un(d['Y']), un(d['X']); src, dst, rd, per = un(s['src']), un(s['dst']), un(s['request_digest']), un(s['permits']); p = party_of(dst)
    pt = lambda sid, dom: G if dom == BASE else un(F[sid]['S'][party_of(dom).decode()])
    route = [(un(st['step']), F[un(st['step']).decode()]['holders'], pt(un(st['step']).decode(), src), pt(un(st['step']).decode(), dst)) for st in s['steps']]
    outs, origin = chain_verify(Y, pairs(un(s['in'])), route, rd, src, dst, [un(st['wire']) for st in s['steps']], tpk); assert origin == un(s['origin']); keep = [o for o, v in zip(outs, per) if v]; Us = {}
    for i, sh in s['shares'].items():
        U, tok, _ = share_open(zs[p], tpk[int(i)], X[int(i) - 1], int(i), PSN, 1, [b for b, _ in keep], rd, p, origin, per, un(sh['box']), (Y, Yk), len(sh['tickets'])); Us[int(i)] = U; assert U == un(sh['U']) and tok == un(sh['tokens'])
        hkeys = un(V['held']['keys'][f't{i}']); assert all(held_open({1: hkeys}, t, p, 1, 1, o) == un(V['held']['row_ids'][f't{i}']) for t, o in zip(tok, keep))
    assert [combine(c, {i: u[j] for i, u in Us.items()}, list(Us), zs[p], Y) for j, (_, c) in enumerate(keep)] == un(s['pseudonyms']); print('ok', name, len(keep))
assert len({V[k]['pseudonyms'][0] for k in V if k.startswith('link_') or k.startswith('find_')}) == 1
pr = V['presentation']; PPx = un(pr['PP_presented']); PPx = (PPx[:32], PPx[32:])
for i in (1, 2, 3):
    R, b = V['rows'][f't{i}'], un(pr['boxes'][f't{i}']['box']); pp = un(R['PP_i'])
    assert presentation_accept(i, zs[b't%d' % i], Yp, {un(R['handle']): {'PP': (pp[:32], pp[32:]), 'keys': {0: [DPK]}, 'counter': 0, 'used': set()}}, un(pr['exchange_id']), b'hospital-a', b'treatment', 1893456000, 1893456000, PPx, b) == un(R['handle'])
e0 = V['envelopes']
for e in e0: hh, f, kc, ct = record_verify(un(e['envelope']), un(e['author_pk'])); assert hh == un(e['header_hash']) and dem_open(un(e['K']), hh, kc, ct) == un(e['plaintext'])
for i in (1, 2, 3): assert [ticket(1, un(V['tickets']['keys'][f't{i}']), un(e['header_hash']), un(V['held']['row_ids'][f't{i}'])) for e in e0] == un(V['tickets']['tickets'][f't{i}'])
for it in V['intents']:
    f = unpack(b'intent', un(it['intent']), 5); i = int(f[1][1:]); ed_verify(TPK[i], un(it['signature']), un(it['intent']))
    for j, x in enumerate(un(it['items'])):
        g = unpack(b'private', x['private'], 9); assert g[0] == f[0] and g[1] == f[1] and g[3] == f[2][j:j + 1] and g[8] in (bytes(64), sha512(un(V['consent']['give']))); same('opening', opening(x['hk'], x['rand'], x['private']), x['opening']); rowless = g[5] == b'row'
        same('leaf', leaf(1, commitment(x['opening'], x['private']), rowless_tag(x['opening'], x['private']) if rowless else tag(un(V['head']['v']), int.from_bytes(g[7], 'big')) if i == 1 else x['tag'], x['detail']), x['leaf']); assert leaf_hash(x['leaf']) == x['leaf_hash']
        assert unlist(unpad(unseal(zs[b'authority'] if rowless else le(un(V['blindings'][0]['k'])), detail_info(f[0], i, j), x['detail']))) == [x['opening'], x['private'], explanation(un(it['request']))] and f[0] == sha512(un(it['request']))
print('presentation, complaint, envelopes, Tickets, Intents: ok')
def flips(name, proof, verify):
    for bit in range(8 * len(proof)):
        p = bytearray(proof); p[bit // 8] ^= 1 << bit % 8
        try: verify(bytes(p))
        except Reject: continue
        raise AssertionError((name, bit))
    print('all', 8 * len(proof), 'single-bit changes refused:', name)
b = V['batch_of_5_one_refused']; st = b['steps'][0]; S = lambda p: un(F['v12']['S'][p])
flips('reshuffle', un(st['proof']), lambda p: reshuffle_verify(Yp, S('hospital-a'), S('medical'), pairs(un(b['in'])), pairs(un(st['out'])), un(st['statement']), p))
c = V['parties']['clinic-b']; flips('possession', un(c['pop']), lambda p: know_verify(un(c['Z']), pop_bind(b'clinic-b', 1), p))
x = V['emergency']; pp = un(V['rows']['t1']['PP_i']); same('emergency', un(x['plain']), presentation_plain(5, un(V['rows']['t1']['handle']), un(x['plain'])[17:81], b'\0' + un(x['signature']))); assert presentation(1, un(x['box']), bytes(16), b'hospital-a', b'emergency', 0, 1893456000, pt2(un(x['PP_presented'])), 2, [], 7, [], un(V['rows']['t1']['handle']), pt2(pp), {0: [DPK]})
x = V['encodings']['enrolment']; same('enrolment', enrolment(un(V['enrolment']['enrol_id']), pt2(un(V['enrolment']['PP'])), DPK), x['pack']); x = V['key_countersignatures']; f = unpack(b'device', un(V['added_device']['device']), 14); same('key countersignature', key_countersign(b't1', f[0], f[8], b''.join(f[9:12]), 1893456000), x[0]['message']); key_countersigned(f[0], f[8], b''.join(f[9:12]), [(un(y['message']), un(y['signature'])) for y in x], TK, 2, 1893456000)
R = V['rows']['t1']; pp = un(R['PP_i']); flips('row proof', un(pr['boxes']['t1']['row_proof']), lambda p: same_verify(Yp, (pp[:32], pp[32:]), PPx, un(pr['boxes']['t1']['context']), p))
h = V['held']; star = un(h['pair']); flips('held token', un(h['tokens']['t1']), lambda t: held_open({1: un(h['keys']['t1'])}, t, b'hospital-a', 1, 1, (star[:32], star[32:])))
lab = sum(V['labels'].values(), []); assert len(lab) == len(set(lab))
t = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', '..', 'docs', 'PROTOCOL.md')).read(); bare = [l for l in lab if f'"{l}"' not in t and f'"warifu/v1/{l}"' not in t]; named_ = set(re.findall(r'(?:pack|digest|mac|toScalar|toPoint)\((?:[^,"()]*, ?)?"([a-z-]+)"', t)); assert not bare and named_ <= set(lab), (bare, named_ - set(lab)); print(len(lab), 'labels: none twice, each stands in PROTOCOL.md, no other there')
codes = set(re.findall(r'`([^`]+)`', ' '.join(l.split('|')[1] for l in t[t.index('## 14.'):t.index('## 15.')].split('\n') if l.startswith('| `')))); used = {n['error'] for n in V['negatives']}; assert used <= codes, used - codes; print(len(used), 'of', len(codes), 'codes of 14 have a negative; without:', ', '.join(sorted(codes - used)))
