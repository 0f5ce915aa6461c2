// Computes kstatus as Flux does. It reads objects in JSON, one a line, and prints
// {"status": …, "message": …} for each.
package main

import (
	"bufio"
	"encoding/json"
	"io"
	"log"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type result struct {
	Status  status.Status `json:"status"`
	Message string        `json:"message"`
}

func main() {
	reader := bufio.NewReader(os.Stdin)
	encoder := json.NewEncoder(os.Stdout)
	for {
		line, err := reader.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return
		}
		if err != nil && err != io.EOF {
			log.Fatal(err)
		}
		var object unstructured.Unstructured
		if err := object.UnmarshalJSON(line); err != nil {
			log.Fatal(err)
		}
		computed, err := status.Compute(&object)
		if err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(result{computed.Status, computed.Message}); err != nil {
			log.Fatal(err)
		}
	}
}
