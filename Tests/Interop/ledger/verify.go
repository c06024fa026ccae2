// An outside verifier of a Warifu ledger: shares no code with it, stands on Go's golang.org/x/mod/sumdb packages.
//
//	verify <url> <policy file> <size of an earlier checkpoint> <root of it> <proof file>=<leaf hex>...
//
// It verifies the log's and the witnesses' signatures, hashes every entry again, compares every tile, proves consistency with
// the earlier checkpoint through tiles that it authenticates itself, and checks the proof files.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "outside verifier: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func need(ok bool, what string) {
	if !ok {
		check(fmt.Errorf("is not so"), what)
	}
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

var base string

func get(path string) []byte {
	response, err := http.Get(base + path)
	check(err, path)
	defer response.Body.Close()
	need(response.StatusCode == 200, path+" is served")
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	check(err, path)
	return body
}

// cosigner verifies signatures of type 0x04, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(text), sig[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	need(len(parts) == 3, "witness key has three parts")
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err, "hash of the witness key")
	data, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "witness key")
	need(len(data) == 33 && data[0] == 4, "witness key is of type 4")
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	need(binary.BigEndian.Uint32(sum[:]) == uint32(hash), "hash of the witness key")
	return cosigner{parts[0], uint32(hash), ed25519.PublicKey(data[1:])}
}

// tilePath is the C2SP path of a tile; x/mod's own has the height in it.
func tilePath(kind string, n int64, w int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if w < 256 {
		s += fmt.Sprintf(".p/%d", w)
	}
	return "tile/" + kind + "/" + s
}

type served struct{}

func (served) Height() int { return 8 }
func (served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		out = append(out, get(tilePath(strconv.Itoa(t.L), t.N, t.W)))
	}
	return out, nil
}
func (served) SaveTiles([]tlog.Tile, [][]byte) {}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range indexes {
		if i >= int64(len(m)) {
			return nil, fmt.Errorf("no hash %d", i)
		}
		out = append(out, m[i])
	}
	return out, nil
}

// open verifies a checkpoint note: the log must have signed, and every witness of the policy whose line is there.
func open(data []byte, policy string) (tlog.Tree, int) {
	var verifiers []note.Verifier
	var log note.Verifier
	for _, line := range strings.Split(policy, "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) >= 2 && words[0] == "log":
			v, err := note.NewVerifier(words[1])
			check(err, "log key")
			log = v
			verifiers = append(verifiers, v)
		case len(words) >= 3 && words[0] == "witness":
			verifiers = append(verifiers, newCosigner(words[2]))
		}
	}
	n, err := note.Open(data, note.VerifierList(verifiers...))
	check(err, "signatures of the checkpoint")
	signed := false
	for _, s := range n.Sigs {
		signed = signed || s.Hash == log.KeyHash()
	}
	need(signed, "the log has signed")
	lines := strings.Split(n.Text, "\n")
	need(len(lines) == 4 && lines[0] == log.Name(), "three lines and the origin")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	root, err := tlog.ParseHash(lines[2])
	check(err, "root")
	return tlog.Tree{N: size, Hash: root}, len(n.Sigs) - 1
}

func main() {
	base = strings.TrimSuffix(os.Args[1], "/") + "/"
	policyBytes, err := os.ReadFile(os.Args[2])
	check(err, "policy")
	policy := string(policyBytes)
	tree, witnesses := open(get("checkpoint"), policy)
	need(witnesses >= 2, "two witnesses have signed")

	var stored memory
	for n := int64(0); n*256 < tree.N; n++ {
		w := int(min(256, tree.N-n*256))
		bundle := get(tilePath("entries", n, w))
		for i := 0; i < w; i++ {
			length := int(binary.BigEndian.Uint16(bundle))
			entry := bundle[2 : 2+length]
			need(length == 98, "an entry has 98 bytes")
			hashes, err := tlog.StoredHashes(n*256+int64(i), entry, stored)
			check(err, "hashes of an entry")
			stored = append(stored, hashes...)
			bundle = bundle[2+length:]
		}
		need(len(bundle) == 0, "nothing behind the last entry")
	}
	root, err := tlog.TreeHash(tree.N, stored)
	check(err, "root")
	need(root == tree.Hash, "the entries hash to the root of the checkpoint")

	tiles := 0
	for level := 0; tree.N>>(8*level) > 0; level++ {
		count := tree.N >> (8 * level)
		for n := int64(0); n*256 < count; n++ {
			t := tlog.Tile{H: 8, L: level, N: n, W: int(min(256, count-n*256))}
			data, err := tlog.ReadTileData(t, stored)
			check(err, "tile")
			need(bytes.Equal(data, get(tilePath(strconv.Itoa(level), n, t.W))), "a served tile is what the entries give")
			tiles++
		}
	}

	oldSize, err := strconv.ParseInt(os.Args[3], 10, 64)
	check(err, "earlier size")
	oldRoot, err := tlog.ParseHash(os.Args[4])
	check(err, "earlier root")
	reader := tlog.TileHashReader(tree, served{})
	consistency, err := tlog.ProveTree(tree.N, oldSize, reader)
	check(err, "consistency proof from served tiles")
	check(tlog.CheckTree(consistency, tree.N, tree.Hash, oldSize, oldRoot), "consistency with the earlier checkpoint")
	for i := int64(0); i < tree.N; i += 997 {
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		check(err, "inclusion proof from served tiles")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, i, stored[tlog.StoredHashIndex(0, i)]), "inclusion")
	}

	for _, argument := range os.Args[5:] {
		parts := strings.SplitN(argument, "=", 2)
		file, err := os.ReadFile(parts[0])
		check(err, "proof file")
		leaf, err := hex.DecodeString(parts[1])
		check(err, "leaf")
		head, checkpoint, _ := strings.Cut(string(file), "\n\n")
		lines := strings.Split(head, "\n")
		need(lines[0] == "c2sp.org/tlog-proof@v1", "proof header")
		index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
		check(err, "index of the proof")
		var proof tlog.RecordProof
		for _, line := range lines[2:] {
			hash, err := tlog.ParseHash(line)
			check(err, "hash of the proof")
			proof = append(proof, hash)
		}
		under, cosigned := open([]byte(checkpoint), policy)
		need(cosigned >= 2, "two witnesses have signed the proof's checkpoint")
		check(tlog.CheckRecord(proof, under.N, under.Hash, index, tlog.RecordHash(leaf)), "proof file")
	}
	fmt.Printf("outside verifier: %d entries, %d tiles, %d witnesses, %d proof files: all good\n",
		tree.N, tiles, witnesses, len(os.Args)-5)
}
