"""Check of the checks: takes out every need(..) and fixed(..) of warifu_ref.py in turn, and every single condition of an `and` inside one,
and runs check_vectors.py, which must fail. Prints what survives: a check that no vector alone demands. Takes some minutes."""
import ast, concurrent.futures, os, shutil, subprocess, sys, tempfile
here = os.path.dirname(os.path.abspath(__file__)); root = os.path.join(here, '..', '..', '..'); src = open(os.path.join(here, 'warifu_ref.py')).read()
def calls(tree): return [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ('need', 'fixed')]
def mutants():
    for k, c in enumerate(calls(ast.parse(src))):
        yield k, None, ast.unparse(c)
        if c.func.id == 'need' and isinstance(c.args[0], ast.BoolOp) and isinstance(c.args[0].op, ast.And):
            for j, v in enumerate(c.args[0].values): yield k, j, ast.unparse(v) + '   in   ' + ast.unparse(c)
def mutate(k, j):
    t = ast.parse(src); c = calls(t)[k]
    if j is None: c.func, c.args = ast.Name('tuple', ast.Load()), []
    else: c.args[0].values[j] = ast.Constant(True)
    return ast.unparse(ast.fix_missing_locations(t))
def survives(m):
    k, j, text = m
    with tempfile.TemporaryDirectory() as d:
        model = os.path.join(d, 'Tests', 'Vectors', 'model'); os.makedirs(model); os.makedirs(os.path.join(d, 'docs'))
        for f in ('docs/PROTOCOL.md', 'Tests/Vectors/vectors.json', 'Tests/Vectors/model/check_vectors.py'): shutil.copy(os.path.join(root, f), os.path.join(d, f))
        open(os.path.join(model, 'warifu_ref.py'), 'w').write(mutate(k, j))
        return subprocess.run([sys.executable, 'check_vectors.py'], cwd=model, capture_output=True).returncode == 0
if __name__ == '__main__':
    ms = list(mutants())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as ex: res = list(ex.map(survives, ms))
    for whole in (True, False):
        some = [(m, r) for m, r in zip(ms, res) if (m[1] is None) == whole]; print(len(some), 'whole calls' if whole else 'single conditions', 'removed,', sum(r for _, r in some), 'not noticed')
        for (_, _, text), r in some:
            if r: print('   ', text)
