package main

import "trapgate/desc/syntax"

// emitSignals writes the signal numbers and the maps from and to the host's.
func emitSignals(g *guest, f *goFile) error {
	f.printf("\n// The signal numbers.\nconst (\n")
	top := int64(0)
	for _, fact := range g.facts.Signals {
		n, _ := fact.On("")
		top = max(top, n)
		f.printf("\t%s = %d\n", fact.Name, n)
	}
	f.printf("\n\t// NSIG is one more than the highest signal number.\n\tNSIG = %d\n)\n", top+1)
	hostTop := int64(0)
	for _, fact := range g.host.facts.Signals {
		hostTop = max(hostTop, fact.Value[""])
	}
	f.printf("\n// SignalToHost is the host's number of a signal; 0: the host has none.\n")
	f.printf("var SignalToHost = [NSIG]uint8{\n")
	g.eachSignal(func(fact syntax.Fact, host int64) { f.printf("\t%s: %d,\n", fact.Name, host) })
	f.printf("}\n\n// SignalFromHost is the guest's number of a host signal; 0: the guest has none.\n")
	f.printf("var SignalFromHost = [%d]uint8{\n", hostTop+1)
	g.eachSignal(func(fact syntax.Fact, host int64) { f.printf("\t%d: %s,\n", host, fact.Name) })
	f.printf("}\n\n// SignalName is the name of a signal number, or \"\".\n")
	f.printf("func SignalName(n int) string { return %s.SignalName(n) }\n", systemName(g.cpus[0]))
	f.printf("\n// SignalAction is what a signal does by default: term, core, stop, continue or ignore.\n")
	f.printf("var SignalAction = [NSIG]string{\n")
	for _, fact := range g.facts.Signals {
		if !fact.Alias {
			f.printf("\t%s: %q,\n", fact.Name, fact.Text)
		}
	}
	f.printf("}\n")
	return nil
}

// eachSignal calls yield for each signal that the host has by the same name.
func (g *guest) eachSignal(yield func(syntax.Fact, int64)) {
	host := map[string]int64{}
	for _, fact := range g.host.facts.Signals {
		host[fact.Name] = fact.Value[""]
	}
	for _, fact := range g.facts.Signals {
		if n, ok := host[fact.Name]; ok && !fact.Alias {
			yield(fact, n)
		}
	}
}
