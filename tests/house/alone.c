/* alone.c - linked with one whole room and what it sees: that it links is the test. */
int main(void)
{
        return 0;
}
