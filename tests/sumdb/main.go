// Checks Turnout's checkpoints, tiles and proofs with Go's own sumdb/tlog and sumdb/note, and makes some of theirs for Turnout to check.
//
//	main check URL KEYS [CHECKPOINT] < PROOFS   URL: of the API's /history; KEYS, CHECKPOINT: files got before; PROOFS: answers of
//	                                             /history/proof, one a line
//	main make N                                  a tree of N leaves (its number in eight bytes, big-endian, each), as JSON
//
// Nothing of Turnout's code is used: leaves are hashed here from their description in docs/history.md.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	var err error
	switch {
	case len(os.Args) >= 4 && os.Args[1] == "check":
		err = check(os.Args[2], os.Args[3], os.Args[4:])
	case len(os.Args) == 3 && os.Args[1] == "make":
		err = makeTree(os.Args[2])
	default:
		err = fmt.Errorf("usage: main check URL KEYS [CHECKPOINT] | make N")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A tree as a checkpoint says it.
type head struct {
	origin string
	tree   tlog.Tree
}

// C2SP tlog-checkpoint: three lines.
func open(text []byte, verifiers note.Verifiers) (head, error) {
	opened, err := note.Open(text, verifiers)
	if err != nil {
		return head{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 {
		return head{}, fmt.Errorf("a checkpoint of %d lines", len(lines))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return head{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return head{}, err
	}
	if opened.Sigs[0].Name != lines[0] {
		return head{}, fmt.Errorf("%s signed a checkpoint of %s", opened.Sigs[0].Name, lines[0])
	}
	return head{lines[0], tlog.Tree{N: size, Hash: root}}, nil
}

// Tiles over HTTP, in the layout of C2SP tlog-tiles: that of Go without the height.
type tiles struct{ url string }

func (tiles) Height() int                     { return 8 }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range wanted {
		data, err := get(t.url + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

func get(url string) ([]byte, error) {
	for tries := 0; ; tries++ {
		answer, err := http.Get(url)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if answer.StatusCode == 429 && tries < 50 {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		if answer.StatusCode != 200 {
			return nil, fmt.Errorf("%s: %s %s", url, answer.Status, body)
		}
		return body, nil
	}
}

func check(url, keys string, earlier []string) error {
	text, err := os.ReadFile(keys)
	if err != nil {
		return err
	}
	var list []note.Verifier
	for _, key := range strings.Fields(string(text)) {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		list = append(list, verifier)
	}
	verifiers := note.VerifierList(list...)
	text, err = get(url + "/checkpoint")
	if err != nil {
		return err
	}
	now, err := open(text, verifiers)
	if err != nil {
		return fmt.Errorf("the checkpoint: %w", err)
	}

	// Every leaf's hash, by tiles that lead to the signed root.
	reader := tlog.TileHashReader(now.tree, tiles{url})
	var indexes []int64
	for leaf := int64(0); leaf < now.tree.N; leaf++ {
		indexes = append(indexes, tlog.StoredHashIndex(0, leaf))
	}
	leaves, err := reader.ReadHashes(indexes)
	if err != nil {
		return fmt.Errorf("the tiles: %w", err)
	}

	for _, file := range earlier {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		then, err := open(text, verifiers)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		text, err = get(fmt.Sprintf("%s/consistency?from=%d&to=%d", url, then.tree.N, now.tree.N))
		if err != nil {
			return err
		}
		var answer struct{ Hashes [][]byte }
		if err := json.Unmarshal(text, &answer); err != nil {
			return err
		}
		if err := tlog.CheckTree(hashes(answer.Hashes), now.tree.N, now.tree.Hash, then.tree.N, then.tree.Hash); err != nil {
			return fmt.Errorf("from %d to %d: %w", then.tree.N, now.tree.N, err)
		}
	}

	proofs := 0
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := checkProof(lines.Bytes(), leaves, verifiers); err != nil {
			return err
		}
		proofs++
	}
	fmt.Printf("%s: %d leaves, %d proofs, %d earlier checkpoints\n", now.origin, now.tree.N, proofs, len(earlier))
	return lines.Err()
}

type proof struct {
	Position, Size int64
	Leaf           struct {
		Position     int64
		Organization string
		StreamType   string `json:"stream_type"`
		Stream       string
		Version      int64
		RecordedAt   time.Time `json:"recorded_at"`
		ContentHash  string    `json:"content_hash"`
		Salt         string
	}
	Event      *content
	LeafHash   []byte `json:"leaf_hash"`
	Hashes     [][]byte
	Checkpoint string
}

// What the content hash is made of; nil where a code is masked.
type content struct {
	Type, Payload, Actor, Command, Correlation string
	Schema                                     uint32
	Device, Channel, Causation                 *string
	RequestHMAC                                *string `json:"request_hmac"`
}

func (c *content) hash() string {
	data := hashed{}
	data.word("turnout event content v1")
	data.word(c.Type)
	data.number(c.Schema)
	data.word(c.Payload)
	data.word(c.Actor)
	data.optional(c.Device, data.digits)
	data.optional(c.Channel, data.word)
	data.digits(c.Command)
	data.optional(c.RequestHMAC, data.digits)
	data.digits(c.Correlation)
	data.optional(c.Causation, data.digits)
	hash := sha256.Sum256(data.Bytes())
	return hex.EncodeToString(hash[:])
}

// The words of the formats.
type hashed struct{ bytes.Buffer }

func (h *hashed) number(number any) { binary.Write(h, binary.BigEndian, number) }

func (h *hashed) word(text string) {
	h.number(uint64(len(text)))
	h.WriteString(text)
}

func (h *hashed) digits(text string) {
	decoded, _ := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	h.Write(decoded)
}

func (h *hashed) optional(value *string, write func(string)) {
	if value == nil {
		h.WriteByte(0)
		return
	}
	h.WriteByte(1)
	write(*value)
}

func checkProof(text []byte, leaves []tlog.Hash, verifiers note.Verifiers) error {
	var p proof
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	signed, err := open([]byte(p.Checkpoint), verifiers)
	if err != nil {
		return fmt.Errorf("position %d: %w", p.Position, err)
	}
	if p.Event != nil && p.Event.hash() != p.Leaf.ContentHash {
		return fmt.Errorf("position %d: the event is not what its content hash was made of", p.Position)
	}
	data := hashed{}
	data.word("turnout log leaf v1")
	data.number(p.Leaf.Position)
	data.digits(p.Leaf.Organization)
	data.word(p.Leaf.StreamType)
	data.digits(p.Leaf.Stream)
	data.number(p.Leaf.Version)
	data.number(p.Leaf.RecordedAt.UnixMicro())
	data.digits(p.Leaf.ContentHash)
	data.digits(p.Leaf.Salt)
	leaf := tlog.RecordHash(data.Bytes())
	if leaf != hash(p.LeafHash) || leaf != leaves[p.Position-1] {
		return fmt.Errorf("position %d: the row has another hash than its leaf", p.Position)
	}
	if err := tlog.CheckRecord(hashes(p.Hashes), signed.tree.N, signed.tree.Hash, p.Position-1, leaf); err != nil {
		return fmt.Errorf("position %d: %w", p.Position, err)
	}
	return nil
}

func hashes(list [][]byte) []tlog.Hash {
	var hashes []tlog.Hash
	for _, bytes := range list {
		hashes = append(hashes, hash(bytes))
	}
	return hashes
}

func hash(bytes []byte) (hash tlog.Hash) {
	if len(bytes) == sha256.Size {
		copy(hash[:], bytes)
	}
	return hash
}

type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		hashes = append(hashes, s[index])
	}
	return hashes, nil
}

func makeTree(count string) error {
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 2 {
		return fmt.Errorf("%s: how many leaves, two or more?", count)
	}
	var tree stored
	for leaf := int64(0); leaf < n; leaf++ {
		hashes, err := tlog.StoredHashes(leaf, binary.BigEndian.AppendUint64(nil, uint64(leaf)), tree)
		if err != nil {
			return err
		}
		tree = append(tree, hashes...)
	}
	secret, public, err := note.GenerateKey(rand.Reader, "example.org/log")
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return err
	}
	type inclusion struct {
		Leaf   int64    `json:"leaf"`
		Hashes []string `json:"hashes"`
	}
	type size struct {
		Size        int64       `json:"size"`
		Checkpoint  string      `json:"checkpoint"`
		Consistency []string    `json:"consistency"` // to the last
		Inclusion   []inclusion `json:"inclusion"`
	}
	made := struct {
		Key   string `json:"key"`
		Sizes []size `json:"sizes"`
	}{Key: public}
	for _, at := range []int64{1, 2, n/3 + 1, n / 2, n - 1, n} {
		root, err := tlog.TreeHash(at, tree)
		if err != nil {
			return err
		}
		text := fmt.Sprintf("example.org/log\n%d\n%s\n", at, root)
		signed, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			return err
		}
		consistency, err := tlog.ProveTree(n, at, tree)
		if err != nil {
			return err
		}
		one := size{Size: at, Checkpoint: string(signed), Consistency: texts(consistency)}
		for leaf := int64(0); leaf < at; leaf += at/7 + 1 {
			hashes, err := tlog.ProveRecord(at, leaf, tree)
			if err != nil {
				return err
			}
			one.Inclusion = append(one.Inclusion, inclusion{leaf, texts(hashes)})
		}
		made.Sizes = append(made.Sizes, one)
	}
	return json.NewEncoder(os.Stdout).Encode(made)
}

func texts(hashes []tlog.Hash) []string {
	texts := []string{}
	for _, hash := range hashes {
		texts = append(texts, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return texts
}
